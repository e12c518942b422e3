/** `worker: false` and `mail.addWorker(…)`: a worker of the app's own in place of the deployment's. */
import { afterAll, describe, expect, test } from "@jest/globals";
import { App, Duration, Stack } from "aws-cdk-lib";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { type AddWorkerProps, Postrider, type PostriderProps } from "../../stacks/index.ts";
import type { AddWorkerPropsGiven } from "../../stacks/own-worker.ts";
import { readDeployed } from "../../worker/deployed.ts";
import { readOptions } from "../../worker/read-options.ts";
import type { Same } from "../support/same-types.ts";
import { type Json, plain, propertiesOf, resourcesOf, type Template } from "./resources.ts";
import { codeFolder, context, removeTemporary, temporaryFolder } from "./synth.ts";

afterAll(removeTemporary);

const code = codeFolder();
const env = { account: "123456789012", region: "eu-west-1" };
const printerIn = (stack: Stack, timeout: Duration | undefined = Duration.seconds(60)) =>
  new LambdaFunction(stack, "Printer", {
    ...{ runtime: Runtime.NODEJS_24_X, handler: "index.handler", timeout },
    code: Code.fromInline("exports.handler = async () => {};"),
  });
const appWith = (
  add: (mail: Postrider, stack: Stack) => void,
  props: PostriderProps = { worker: false },
) => {
  const app = new App({ context, outdir: temporaryFolder() });
  const stack = new Stack(app, "Shop", { env });
  add(new Postrider(stack, "Mail", { codeFolder: code, ...props }), stack);
  return { app, stack };
};
const made = (...given: Parameters<typeof appWith>): Template => {
  const { app, stack } = appWith(...given);
  return app.synth().getStackArtifact(stack.artifactId).template;
};
const lambda = "AWS::Lambda::Function";
const grantsOf = (template: Template): readonly Json[] =>
  propertiesOf(template, "AWS::IAM::Policy", "PrinterServiceRoleDefaultPolicy").PolicyDocument
    .Statement;

const whole = made(() => {}, {});
const template = made((mail, stack) => mail.addWorker(printerIn(stack), { maxConcurrency: 5 }));
/** The ids of what belongs to our worker. */
const isOfWorker = (id: string): boolean => /^MailWorker|^MailMonitoringWorkerFails/.test(id);

describe("Without a worker of ours", () => {
  test("all else is there under the same ids, and nothing of the worker", () => {
    const ids = Object.keys(made(() => {}).Resources);

    expect(ids.toSorted()).toEqual(
      Object.keys(whole.Resources)
        .filter((id) => !isOfWorker(id))
        .toSorted(),
    );
  });

  test("there is a warning until a worker is attached", () => {
    const unread = Match.stringLikeRegexp("nothing handles the queue");
    const { stack } = appWith(() => {});
    const attached = appWith((mail, inStack) => mail.addWorker(printerIn(inStack)));

    Annotations.fromStack(stack).hasWarning("/Shop/Mail", unread);
    Annotations.fromStack(attached.stack).hasNoWarning("/Shop/Mail", unread);
  });

  test("new versions are shifted by a canary all the same", () => {
    const shifted = made(() => {}, { worker: false, canary: {} });

    expect(Object.keys(resourcesOf(shifted, "AWS::CodeDeploy::DeploymentGroup"))).toHaveLength(3);
    expect(propertiesOf(shifted, "AWS::CloudWatch::Alarm", "MailCanaryRecordsFail")).toMatchObject({
      Dimensions: [{ Name: "service", Value: "postrider-worker" }],
    });
  });
});

describe("A worker of the app's own", () => {
  test("reads the queue as ours does: in batches of which single records may fail", () => {
    const sources = Object.values(resourcesOf(template, "AWS::Lambda::EventSourceMapping"));
    const ours = propertiesOf(whole, "AWS::Lambda::EventSourceMapping", "MailWorkerSource");

    const [source] = sources
      .map(({ Properties }) => plain(Properties))
      .filter(({ FunctionName }) => FunctionName === "Printer");
    expect(source).toEqual({
      ...ours,
      ...{ FunctionName: "Printer", ScalingConfig: { MaximumConcurrency: 5 } },
      Tags: undefined,
    });
  });

  test("may send its own retries to the queue that it reads", () => {
    expect(propertiesOf(template, lambda, "Printer").RecursiveLoop).toBe("Allow");
  });

  test("is granted what postrider/worker needs, before it reads, and nothing else", () => {
    expect(grantsOf(template).map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], "MailTable.Arn"],
      [
        [
          ...["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
          "sqs:SendMessage",
        ],
        "MailQueuesDeliveries.Arn",
      ],
    ]);
    const source = Object.values(template.Resources).find(
      ({ Properties, Type }) =>
        Type === "AWS::Lambda::EventSourceMapping" && plain(Properties).FunctionName === "Printer",
    ) as Json;
    expect(source.DependsOn.join()).toContain("PrinterServiceRoleDefaultPolicy");
  });

  test("may read the master keys where it needs secret headers, and use the stage's key", () => {
    const keyed = made((mail, stack) => mail.addWorker(printerIn(stack), { secretHeaders: true }), {
      worker: false,
      encryption: "customer-key",
    });

    const { Variables } = propertiesOf(keyed, lambda, "Printer").Environment;
    const actions = grantsOf(keyed).flatMap(({ Action }) => Action);
    const services = grantsOf(keyed).flatMap(
      ({ Condition }) => Condition?.StringEquals["kms:ViaService"].split(".")[0] ?? [],
    );
    expect(Variables.POSTRIDER_MASTER_KEY_SECRET).toBe("MailMasterKey");
    expect(actions).toContain("secretsmanager:GetSecretValue");
    expect(services).toEqual(["dynamodb", "sqs", "secretsmanager"]);
  });

  test("is told where it works, in words that postrider/worker reads", () => {
    const tuned = made((mail, stack) => mail.addWorker(printerIn(stack)), {
      ...{ worker: false, name: "print" },
      settings: { POSTRIDER_SHARDS: "4", POSTRIDER_TIMEOUT_MS: "20000" },
    });
    const { Variables } = propertiesOf(tuned, lambda, "Printer").Environment;

    const told = readDeployed({ ...Variables, POSTRIDER_QUEUE_URL: "https://sqs.example/1/q" });
    expect(told).toEqual({
      ...{ table: "MailTable", queueUrl: "https://sqs.example/1/q" },
      metricsNamespace: "Postrider/print",
      settings: { POSTRIDER_SHARDS: "4", POSTRIDER_TIMEOUT_MS: "20000" },
    });
    expect(readOptions({ settings: told.settings })).toMatchObject({
      shards: 4,
      timeoutMs: 20_000,
    });
  });

  test("is watched as ours is: the alarms read what it publishes, and whether it fails", () => {
    const alarmsOf = (of: Template) => Object.keys(resourcesOf(of, "AWS::CloudWatch::Alarm"));
    const its = alarmsOf(template).filter((id) => id.startsWith("Printer"));

    expect(alarmsOf(template)).toHaveLength(alarmsOf(whole).length + 1);
    expect(its).toEqual([
      ...[expect.stringMatching(/Fails$/), expect.stringMatching(/IsThrottled$/)],
    ]);
    for (const id of its)
      expect(propertiesOf(template, "AWS::CloudWatch::Alarm", id)).toMatchObject({
        ...{ AlarmActions: ["MailMonitoringTopic"], OKActions: ["MailMonitoringTopic"] },
        Dimensions: [{ Name: "FunctionName", Value: "Printer" }],
      });
    const read = (of: Template) =>
      plain(propertiesOf(of, "AWS::CloudWatch::Alarm", "MailMonitoringMessagesFail"));
    expect(read(template).Dimensions).toEqual(read(whole).Dimensions);
  });

  test("is among the functions and the alarms of the deployment", () => {
    const app = new App({ context });
    const mail = new Postrider(new Stack(app, "Shop"), "Mail", { codeFolder: code, worker: false });
    const before = mail.alarms.length;
    const printer = printerIn(Stack.of(mail));
    expect(mail.functions.worker).toBeUndefined();

    mail.addWorker(printer);

    expect(mail.functions.worker).toBe(printer);
    expect(mail.alarms).toHaveLength(before + 2);
  });

  test("may be in another stack, which then depends on that of the queue and not the reverse", () => {
    const app = new App({ context, outdir: temporaryFolder() });
    const mail = new Postrider(new Stack(app, "Mail", { env }), "Mail", {
      ...{ codeFolder: code, worker: false },
    });
    const stack = new Stack(app, "Printing", { env });

    mail.addWorker(printerIn(stack));

    const made = app.synth().getStackArtifact(stack.artifactId);
    expect(Object.keys(resourcesOf(made.template, "AWS::Lambda::EventSourceMapping"))).toHaveLength(
      1,
    );
  });
});

describe("A worker is refused", () => {
  const refusal = (
    attach: (mail: Postrider, stack: Stack) => void,
    props: PostriderProps = { worker: false },
  ): string => {
    try {
      appWith(attach, props);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };

  test("where the deployment has one, and where there is one already", () => {
    expect(refusal((mail, stack) => mail.addWorker(printerIn(stack)), {})).toBe(
      "Shop/Mail has a worker of its own. Records do not say who is to handle them: give the props worker: false",
    );
    expect(
      refusal((mail, stack) => {
        const printer = printerIn(stack);
        mail.addWorker(printer);
        mail.addWorker(printer);
      }),
    ).toBe("Shop/Mail has a worker already, Shop/Printer");
  });

  test("with every fault of its props and of its function", () => {
    const given = { batchSize: 11, maxConcurrency: 1 } satisfies AddWorkerProps;

    expect(
      refusal((mail, stack) => {
        mail.addWorker(printerIn(stack, Duration.seconds(10)), given);
      }).split("\n- "),
    ).toEqual([
      "The worker Shop/Printer has faults:",
      "batchSize must be a whole number from 1 to 10",
      "maxConcurrency must be a whole number from 2 to 1000",
      "its time-out must be from 20 to 60 seconds, not 10: an attempt takes up to 20, and records are hidden for six times 60",
    ]);
  });

  test.each([
    ["Lambda's own time-out", Duration.seconds(3)],
    ["one longer than records are hidden for", Duration.seconds(61)],
  ])("for its time-out: %s", (_, timeout) => {
    expect(refusal((mail, stack) => mail.addWorker(printerIn(stack, timeout)))).toContain(
      "its time-out must be from 20 to 60 seconds",
    );
  });

  test("with a log group of a worker that there is not", () => {
    const stack = new Stack();
    expect(refusal(() => {}, { worker: false, logGroups: { worker: stack as never } })).toContain(
      "logGroups.worker is that of a worker, which worker: false leaves out",
    );
  });

  test("and its props have the names that the schema reads", () => {
    const same: Same<AddWorkerProps, AddWorkerPropsGiven> = true;

    expect(same).toBe(true);
  });
});
