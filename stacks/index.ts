/** The construct for a CDK app of one's own: `postrider/cdk`. */
export type {
  AlarmProps,
  DispatcherProps,
  EndpointDomain,
  FunctionUrlEndpoint,
  HttpApiEndpoint,
  PostriderMembers,
  TracingProps,
  Units,
  WorkerProps,
} from "./member-props.ts";
export type { MetricName } from "./metric.ts";
export type { AddWorkerProps } from "./own-worker-props.ts";
export { Postrider, type PostriderFunctions } from "./postrider.ts";
export type { PostriderSender } from "./postrider-sender.ts";
export { PostriderTable, type PostriderTableProps } from "./postrider-table.ts";
export type { Canary, LogName, PostriderProps } from "./props.ts";
export type { SenderDefaultsProps, SenderProps } from "./sender-props.ts";
