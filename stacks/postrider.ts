import { Annotations, Names, Stack } from "aws-cdk-lib";
import type { Dashboard, IAlarm, Metric, MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { type Grant, type IGrantable, PermissionsBoundary } from "aws-cdk-lib/aws-iam";
import type { IFunction, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { grantCommands, grantOutbox, type Shared } from "./access.ts";
import { CanaryDeployment } from "./canary-deployment.ts";
import { timeoutMsOf } from "./function-settings.ts";
import { HttpEndpoint } from "./http-endpoint.ts";
import { type MetricName, metricOf, type Publishers } from "./metric.ts";
import { type Functions, Monitoring } from "./monitoring.ts";
import { OwnWorker } from "./own-worker.ts";
import type { AddWorkerProps } from "./own-worker-props.ts";
import { PostriderSender } from "./postrider-sender.ts";
import type { PostriderProps } from "./props.ts";
import { publishedBy } from "./published-metrics.ts";
import { readProps } from "./read-props.ts";
import { readSenderProps } from "./read-sender-props.ts";
import { functionsOf, sendersFunctionOf, storageOf, storesOf } from "./resources.ts";
import type { SenderProps } from "./sender-props.ts";
import type { SendersFunction } from "./senders-function.ts";
import { outboxSettingsOf, ownWorkerSettingsOf } from "./shared-settings.ts";
import { tag } from "./tag.ts";

/**
 * A whole Postrider: table, queues, functions, endpoint, alarms and dashboard. The constructor throws
 * an error that names every fault of the props.
 *
 * @example
 * const mail = new Postrider(this, "Mail", { alarms: { email: "night@example.com" } });
 * const orders = mail.addSender("Orders", { senderId: "orders" });
 * orders.grantRead(orderFunction);
 */
export class Postrider extends Construct {
  /** Where messages are submitted. Ends in a slash. */
  readonly url: string;
  /** What the name of `endpoint.domain` must point at, if there is one and no `hostedZone`. */
  readonly domainTarget: string | undefined;
  readonly table: ITable;
  /** Holds records that point at messages. To put anything else there is to fill the dead letters. */
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue;
  /** The secret with the master keys. Whoever reads it and the table can sign for every sender. */
  readonly masterKey: ISecret;
  readonly alarmTopic: ITopic;
  readonly dashboard: Dashboard;
  /** What is invoked: with `canary`, the aliases. With `worker: false` the one that `addWorker` gets. */
  get functions(): PostriderFunctions {
    return { ...this.invoked, worker: this.invoked.worker ?? this.ownWorker?.function };
  }
  /** Those of a worker that `addWorker` gets are the last. */
  get alarms(): readonly IAlarm[] {
    return [...this.ownAlarms, ...(this.ownWorker?.alarms ?? [])];
  }
  /** The `settings` that `outbox` must have to store messages as this deployment does. */
  readonly outboxSettings: Readonly<Record<string, string>>;

  private readonly shared: Shared;
  private readonly published: Publishers;
  private readonly invoked: PostriderFunctions;
  private readonly ownAlarms: readonly IAlarm[];
  private ownWorker:
    | { readonly function: IFunction; readonly alarms: readonly IAlarm[] }
    | undefined;
  /** Attaches a worker of the app's own. */
  private readonly attach: (worker: LambdaFunction, props: AddWorkerProps) => OwnWorker;
  /** Makes the function that creates senders, at the first of them. */
  private readonly makeSendersFunction: () => SendersFunction;
  private sendersFunction: SendersFunction | undefined;
  private readonly senderIds = new Set<string>();

  constructor(scope: Construct, id: string, given: PostriderProps = {}) {
    super(scope, id);
    const place = { name: Names.uniqueResourceName(this, { maxLength: 64, separator: "-" }) };
    const props = readProps(this.node.path, given, { ...place, region: Stack.of(this).region });
    tag(this, { ...props.tags, "postrider:stage": props.name });
    if (props.permissionsBoundary) PermissionsBoundary.of(this).apply(props.permissionsBoundary);

    const storage = storageOf(this, props);
    const stores = storesOf(this, props, storage);
    // Its own, so that two in one account do not trip each other's alarms.
    const namespace = `Postrider/${props.name}`;
    const made = { storage, stores, namespace };
    const functions = functionsOf(this, props, made);
    this.makeSendersFunction = () => sendersFunctionOf(this, props, made);
    const endpoint = new HttpEndpoint(this, "Endpoint", {
      ...{ ...props, ...storage, stageName: props.name, handler: functions.api },
      logGroup: props.logGroups.access,
    });
    const attempts = publishedBy("worker", namespace);
    const monitoring = new Monitoring(this, "Monitoring", {
      ...{ ...stores, functions, attempts, endpoint, stageName: props.name },
      ...{ alarms: props.alarms, alarmTopic: props.alarmTopic },
    });
    if (props.canary)
      new CanaryDeployment(this, "Canary", { functions, attempts, endpoint, ...props.canary });
    if (!functions.worker) Annotations.of(this).addWarningV2(noWorker, noWorkerText);

    const { deliveries, deadLetters } = stores.queues;
    this.shared = { ...stores, queue: deliveries, encryptionKey: storage.encryptionKey };
    this.published = {
      ...{ api: functions.api.published, worker: attempts },
      dispatcher: functions.dispatcher.published,
      deadLetter: functions.deadLetter.published,
    };
    this.url = endpoint.url;
    this.domainTarget = endpoint.domainTarget;
    this.table = stores.table;
    this.queue = deliveries;
    this.deadLetterQueue = deadLetters;
    this.masterKey = stores.masterKey;
    this.alarmTopic = monitoring.topic;
    this.ownAlarms = monitoring.alarms;
    this.dashboard = monitoring.dashboard;
    this.invoked = invokedOf(functions);
    this.outboxSettings = outboxSettingsOf(props);
    this.attach = (worker, given) =>
      new OwnWorker(`Postrider${this.node.addr.slice(-8)}`, {
        ...{ ...given, worker, shared: this.shared, metricsNamespace: namespace },
        ...{ alarmTopic: this.alarmTopic, timeoutMs: timeoutMsOf(props.settings) },
        settings: ownWorkerSettingsOf(props.settings),
      });
  }

  /**
   * Creates a sender when the stack is deployed, with an API key in a secret of its own. Throws an error
   * that names every fault of the props. When it is taken out of the stack, its key is revoked; the
   * sender and its messages stay.
   *
   * @example
   * const orders = mail.addSender("Orders", { senderId: "orders", defaults: { timeoutMs: 10_000 } });
   * orders.grantRead(orderFunction);
   * orderFunction.addEnvironment("MAIL_SECRET", orders.secret.secretArn);
   */
  addSender(id: string, given: SenderProps): PostriderSender {
    const scope = this.node.tryFindChild("Senders") as Construct | undefined;
    const senders = scope ?? new Construct(this, "Senders");
    const props = readSenderProps(`${senders.node.path}/${id}`, given);
    if (this.senderIds.has(props.senderId))
      throw new Error(`${this.node.path} has a sender ${props.senderId} already`);
    this.senderIds.add(props.senderId);
    this.sendersFunction ??= this.makeSendersFunction();
    return new PostriderSender(senders, id, {
      ...props,
      encryptionKey: props.encryptionKey ?? this.shared.encryptionKey,
      maker: this.sendersFunction,
      grantOutbox: (grantee, senderId) => this.grantSend(grantee, senderId),
    });
  }

  /**
   * Has a function of yours make the attempts, by `postrider/worker`, in place of the deployment's own:
   * the props must have `worker: false`. Makes the queue its event source, tells it where it works, and
   * grants it what it needs. It is watched as our own worker is. **It can then write any item of the
   * table.** Throws an error that names every fault of the props and of the function.
   *
   * @example
   * const mail = new Postrider(this, "Mail", { worker: false });
   * mail.addWorker(printer, { maxConcurrency: 5 });
   */
  addWorker(worker: LambdaFunction, props: AddWorkerProps = {}): void {
    if (this.invoked.worker)
      throw new Error(
        `${this.node.path} has a worker of its own. Records do not say who is to handle them: give the props worker: false`,
      );
    if (this.ownWorker)
      throw new Error(
        `${this.node.path} has a worker already, ${this.ownWorker.function.node.path}`,
      );
    const { alarms } = this.attach(worker, props);
    this.ownWorker = { function: worker, alarms };
    Annotations.of(this).acknowledgeWarning(noWorker);
  }

  /**
   * Grants what a service needs that sends by `postrider/outbox`: to put, read and update items of the
   * senders that are named, or of all if none is, and to send records. **It can then write any item of
   * these senders.** Whoever sends by HTTP needs no grant, but `url` and the key of a sender: see
   * `addSender`.
   */
  grantSend(grantee: IGrantable, ...senderIds: readonly string[]): Grant {
    return grantOutbox(this.shared, grantee, senderIds);
  }

  /**
   * Grants what an operator's commands need that work on the table: the first sender and key, revoking
   * and rotating, audit and doctor. **It can then read the master key and write the table.**
   */
  grantOperate(grantee: IGrantable): Grant {
    return grantCommands(this.shared, grantee);
  }

  /** Returns a metric that the functions publish, over five minutes unless the options say otherwise. */
  metric(name: MetricName, options: MetricOptions = {}): Metric {
    return metricOf(this.published, name).with(options);
  }

  /** Messages that were accepted. Not those of an outbox. */
  metricMessagesAccepted(options?: MetricOptions): Metric {
    return this.metric("MessagesAccepted", options);
  }

  /** Messages that a target answered with 2xx. */
  metricMessagesCompleted(options?: MetricOptions): Metric {
    return this.metric("MessagesCompleted", options);
  }

  /** Messages that are not tried again. */
  metricMessagesFailed(options?: MetricOptions): Metric {
    return this.metric("MessagesFailed", options);
  }

  /** How late the dispatcher was at most, in milliseconds. */
  metricOldestDueAge(options?: MetricOptions): Metric {
    return this.metric("OldestDueAge", options);
  }
}

/** The functions of a deployment. With `worker: false` there is only a worker that `addWorker` gets. */
export type PostriderFunctions = Readonly<
  Record<"api" | "dispatcher" | "deadLetter", IFunction>
> & {
  readonly worker?: IFunction | undefined;
};

const noWorker = "postrider:no-worker";
const noWorkerText =
  "worker is false, and addWorker was not called: nothing handles the queue, unless a worker of yours reads it by other means.";

const invokedOf = ({ api, worker, dispatcher, deadLetter }: Functions): PostriderFunctions => ({
  api: api.invoked,
  ...(worker && { worker: worker.invoked }),
  dispatcher: dispatcher.invoked,
  deadLetter: deadLetter.invoked,
});
