import { CfnOutput, type Stack } from "aws-cdk-lib";
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
import type { Key } from "aws-cdk-lib/aws-kms";
import { FunctionUrlAuthType, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { HttpApiEntrance, Stage } from "./config.ts";
import { logGroup } from "./functions.ts";

/** Where requests come in, and what counts those that were answered with a fault of ours. */
export type Entrance = { readonly url: string; readonly serverErrors: Metric };

/** Who asked for what, and what came of it. No header and no query: a key could be in either. */
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

const domainOf = (stack: Stack, domain: NonNullable<HttpApiEntrance["domain"]>): DomainName => {
  const domainName = new DomainName(stack, "Domain", {
    domainName: domain.name,
    certificate: Certificate.fromCertificateArn(stack, "Certificate", domain.certificateArn),
  });
  new CfnOutput(stack, "DomainTarget", {
    description: "Point a CNAME or an alias record of the domain here",
    value: domainName.regionalDomainName,
  });
  return domainName;
};

const httpApi = (
  stack: Stack,
  stage: Stage,
  api: LambdaFunction,
  { requestsPerSecond, burst, domain }: HttpApiEntrance,
  key: Key | undefined,
): Entrance => {
  const http = new HttpApi(stack, "Http", {
    apiName: stack.stackName,
    description: `Postrider ${stage.name}`,
    createDefaultStage: false,
    disableExecuteApiEndpoint: domain !== undefined,
    // Routes, keys and scopes are the function's own affair.
    defaultIntegration: new HttpLambdaIntegration("Function", api),
  });
  const domainName = domain && domainOf(stack, domain);
  const httpStage = new HttpStage(stack, "HttpStage", {
    httpApi: http,
    stageName: "$default",
    autoDeploy: true,
    throttle: { rateLimit: requestsPerSecond, burstLimit: burst },
    accessLogSettings: {
      destination: new LogGroupLogDestination(logGroup(stack, "AccessLogs", stage, key)),
      format: accessLogFormat,
    },
    domainMapping: domainName && { domainName },
  });
  return {
    url: domain ? `https://${domain.name}/` : httpStage.url,
    serverErrors: http.metricServerError({ statistic: Stats.SUM }),
  };
};

const functionUrl = (api: LambdaFunction): Entrance => ({
  // Nobody is asked for a signature by AWS: the API asks for its own keys.
  url: api.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url,
  serverErrors: api.metric("Url5xxCount", { statistic: Stats.SUM }),
});

/** The entrance of a stage; its access log is under `key`, where there is one. */
export const entranceOf = (
  stack: Stack,
  stage: Stage,
  api: LambdaFunction,
  key: Key | undefined,
): Entrance =>
  stage.entrance.kind === "http-api"
    ? httpApi(stack, stage, api, stage.entrance, key)
    : functionUrl(api);
