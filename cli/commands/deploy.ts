import { Command } from "commander";
import type { Io } from "../io.ts";

const steps = `In a CDK app of your own: npm install postrider, and new Postrider(this, "Mail") from postrider/cdk.
From a checkout, with credentials of AWS, it takes about half an hour the first time:

  1. cp stages/dev.example.json stages/dev.json, and set account and region in it.
  2. npx cdk bootstrap aws://<account>/<region>      once in an account and region
  3. npm run synth
  4. npx cdk deploy postrider-dev --outputs-file dist/outputs.json
  5. npm run add-sender -- --table <TableName> --secret <MasterKeySecret> --sender shop
  6. npx postrider profiles add dev --url <Url> --sender shop
  7. npx postrider send https://api.example.com/hook --body '{"hello":"world"}' --wait

The guide has each step with what can go wrong: docs/guides/deploy.md`;

export const deploy = (io: Io): Command =>
  new Command("deploy")
    .summary("say how Postrider is deployed to AWS")
    .description("Prints the steps of a deployment to AWS. Does nothing itself.")
    .action(() => {
      for (const line of steps.split("\n")) io.out(line);
    });
