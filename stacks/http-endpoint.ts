import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  DomainName,
  HttpApi,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { type Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { ARecord, type IHostedZone, RecordTarget } from "aws-cdk-lib/aws-route53";
import { ApiGatewayv2DomainProperties } from "aws-cdk-lib/aws-route53-targets";
import { Construct } from "constructs";
import type { DeliveryFunction } from "./delivery-function.ts";
import { KeptLogGroup, type KeptLogGroupProps } from "./kept-log-group.ts";
import type { Endpoint } from "./members.ts";

export interface HttpEndpointProps extends KeptLogGroupProps {
  readonly stageName: string;
  readonly endpoint: Endpoint;
  readonly handler: DeliveryFunction;
  /** One of the app's own, in place of a new one. */
  readonly logGroup: ILogGroup | undefined;
  /** Where the name of the domain gets its record. */
  readonly hostedZone?: IHostedZone | undefined;
}

type HttpApiEndpoint = Extract<Endpoint, { kind: "http-api" }>;

/** One JSON object per request. No header and no query: either may hold a key. */
export const accessLogMembers = {
  requestId: "$context.requestId",
  at: "$context.requestTime",
  ip: "$context.identity.sourceIp",
  method: "$context.httpMethod",
  path: "$context.path",
  status: "$context.status",
  responseBytes: "$context.responseLength",
  latencyMs: "$context.responseLatency",
  error: "$context.error.message",
} as const;
const accessLogFormat = AccessLogFormat.custom(JSON.stringify(accessLogMembers));

/** The address that requests come to: an HTTP API or a function URL, for all paths. */
export class HttpEndpoint extends Construct {
  /** Ends in a slash. */
  readonly url: string;
  /** Counts the requests that were answered with a 5xx. */
  readonly serverErrors: Metric;
  /** The name that the DNS record of the custom domain must point at, if there is one. */
  readonly domainTarget: string | undefined;

  constructor(scope: Construct, id: string, props: HttpEndpointProps) {
    super(scope, id);
    const { endpoint, handler } = props;
    if (endpoint.kind === "function-url") {
      // AWS does not authenticate: the API checks its own keys.
      this.url = handler.invoked.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url;
      this.serverErrors = handler.lambda.metric("Url5xxCount", { statistic: Stats.SUM });
      return;
    }
    const api = this.httpApi(endpoint, props);
    const domainName = endpoint.domain && this.domainName(endpoint.domain, props);
    const stage = new HttpStage(this, "Stage", {
      httpApi: api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: endpoint.requestsPerSecond, burstLimit: endpoint.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(
          props.logGroup ?? new KeptLogGroup(this, "AccessLogs", props),
        ),
        format: accessLogFormat,
      },
      domainMapping: domainName && { domainName },
    });
    this.url = endpoint.domain ? `https://${endpoint.domain.name}/` : stage.url;
    this.serverErrors = api.metricServerError({ statistic: Stats.SUM });
    this.domainTarget = domainName?.regionalDomainName;
  }

  private httpApi({ domain }: HttpApiEndpoint, { stageName, handler }: HttpEndpointProps): HttpApi {
    return new HttpApi(this, "Api", {
      apiName: `postrider-${stageName}`,
      description: `Postrider ${stageName}`,
      createDefaultStage: false,
      disableExecuteApiEndpoint: domain !== undefined,
      // The function itself checks routes, keys and scopes.
      defaultIntegration: new HttpLambdaIntegration("Integration", handler.invoked),
    });
  }

  private domainName(
    domain: NonNullable<HttpApiEndpoint["domain"]>,
    { hostedZone }: HttpEndpointProps,
  ): DomainName {
    const name = new DomainName(this, "Domain", {
      domainName: domain.name,
      certificate: Certificate.fromCertificateArn(this, "Certificate", domain.certificateArn),
    });
    const { regionalDomainName, regionalHostedZoneId } = name;
    const target = new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId);
    if (hostedZone)
      new ARecord(this, "Record", {
        ...{ zone: hostedZone, recordName: domain.name },
        target: RecordTarget.fromAlias(target),
      });
    return name;
  }
}
