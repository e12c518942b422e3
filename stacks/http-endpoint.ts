import { Stack } from "aws-cdk-lib";
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
import { FunctionUrlAuthType, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { KeptLogGroup, type KeptLogGroupProps } from "./kept-log-group.ts";
import type { Endpoint } from "./stage.ts";

export interface HttpEndpointProps extends KeptLogGroupProps {
  readonly stageName: string;
  readonly endpoint: Endpoint;
  readonly handler: LambdaFunction;
}

type HttpApiEndpoint = Extract<Endpoint, { kind: "http-api" }>;

/** One JSON object per request. No header and no query: either may hold a key. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: "$context.requestId",
    at: "$context.requestTime",
    ip: "$context.identity.sourceIp",
    method: "$context.httpMethod",
    path: "$context.path",
    status: "$context.status",
    responseBytes: "$context.responseLength",
    latencyMs: "$context.responseLatency",
    error: "$context.error.message",
  }),
);

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
      this.url = handler.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url;
      this.serverErrors = handler.metric("Url5xxCount", { statistic: Stats.SUM });
      return;
    }
    const api = this.httpApi(endpoint, props);
    const domainName = endpoint.domain && this.domainName(endpoint.domain);
    const stage = new HttpStage(this, "Stage", {
      httpApi: api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: endpoint.requestsPerSecond, burstLimit: endpoint.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(new KeptLogGroup(this, "AccessLogs", props)),
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
      apiName: Stack.of(this).stackName,
      description: `Postrider ${stageName}`,
      createDefaultStage: false,
      disableExecuteApiEndpoint: domain !== undefined,
      // The function itself checks routes, keys and scopes.
      defaultIntegration: new HttpLambdaIntegration("Integration", handler),
    });
  }

  private domainName(domain: NonNullable<HttpApiEndpoint["domain"]>): DomainName {
    return new DomainName(this, "Domain", {
      domainName: domain.name,
      certificate: Certificate.fromCertificateArn(this, "Certificate", domain.certificateArn),
    });
  }
}
