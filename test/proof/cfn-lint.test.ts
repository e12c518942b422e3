/** What cfn-lint says of the templates: it knows rules of CloudFormation that CDK does not check. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { App, Duration, Stack } from "aws-cdk-lib";
import { Vpc } from "aws-cdk-lib/aws-ec2";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { HostedZone } from "aws-cdk-lib/aws-route53";
import { Postrider } from "../../stacks/index.ts";
import { templateOf } from "../stacks/resources.ts";
import { codeFolder, context, removeTemporary, temporaryFolder } from "../stacks/synth.ts";
import { describeWithCfnLint, lint } from "../support/cfn-lint.ts";

const ignored = [
  // CDK says in DependsOn what a reference says already.
  "W3005",
  // The zones of a VPC in a stack whose account nobody has asked.
  "W3010",
];

/** A stack with everything that a stage cannot have. */
const everything = (): string => {
  const app = new App({ context, outdir: temporaryFolder() });
  const stack = new Stack(app, "Shop", {
    env: { account: "123456789012", region: "us-east-1" },
  });
  const vpc = new Vpc(stack, "Vpc", { maxAzs: 2 });
  const certificate = "certificate/12345678-1234-1234-1234-123456789012";
  const mail = new Postrider(stack, "Mail", {
    ...{ codeFolder: codeFolder(), vpc, allowTargets: [vpc.vpcCidrBlock], canary: {} },
    ...{ encryption: "customer-key", tags: { team: "shop" } },
    hostedZone: new HostedZone(stack, "Zone", { zoneName: "example.com" }),
    endpoint: {
      kind: "http-api",
      domain: {
        name: "mail.example.com",
        certificateArn: `arn:aws:acm:us-east-1:123456789012:${certificate}`,
      },
    },
  });
  mail.addSender("Orders", { senderId: "orders", defaults: { timeoutMs: 9000 }, keyVersion: 2 });
  const news = new Postrider(stack, "News", { codeFolder: codeFolder(), worker: false });
  const printer = new LambdaFunction(stack, "Printer", {
    ...{ runtime: Runtime.NODEJS_24_X, handler: "index.handler", timeout: Duration.minutes(1) },
    code: Code.fromInline("exports.handler = async () => {};"),
  });
  news.addWorker(printer, { secretHeaders: true });
  return app.synth().getStackArtifact(stack.artifactId).templateFullPath;
};

describeWithCfnLint("cfn-lint finds nothing wrong with the template of", () => {
  let folder: string;
  beforeAll(() => {
    folder = temporaryFolder();
  });
  afterAll(removeTemporary);

  test.each(["dev", "prod", "keyed"] as const)("the stage %s", async (name) => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(templateOf(name)));

    expect(await lint(file, ignored)).toEqual([]);
  });

  test("a construct with what an app has already", async () => {
    expect(await lint(everything(), ignored)).toEqual([]);
  });

  test("nothing, unless there is something wrong with it", async () => {
    const file = join(folder, "wrong.json");
    const properties = { VisibilityTimeout: 50_000 };
    const Wrong = { Type: "AWS::SQS::Queue", Properties: properties };
    writeFileSync(file, JSON.stringify({ Resources: { Wrong } }));

    expect(await lint(file, ignored)).toEqual([expect.stringMatching(/^E\d+ .*Visibility/)]);
  });
});
