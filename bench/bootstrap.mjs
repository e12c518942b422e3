/**
 * A runtime as plain as can be: imports the `handler` of `index.mjs` in the task's root, and calls it
 * with what the Runtime API hands out, one event after the other.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { Agent, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const agent = new Agent({ keepAlive: true });

const ask = (method, path, body) =>
  new Promise((resolve, reject) => {
    const url = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/${path}`;
    const sent = request(url, { method, agent }, async (response) => {
      resolve({ headers: response.headers, body: await text(response) });
    });
    sent.once("error", reject);
    sent.end(body);
  });

const told = (error) =>
  JSON.stringify({
    errorType: error?.name ?? "Error",
    errorMessage: error?.message ?? String(error),
    trace: error?.stack?.split("\n") ?? [],
  });

const load = async () => {
  try {
    const bundle = join(process.env.LAMBDA_TASK_ROOT, "index.mjs");
    return (await import(pathToFileURL(bundle).href)).handler;
  } catch (error) {
    await ask("POST", "init/error", told(error));
    process.exit(1);
  }
};

const handler = await load();
for (;;) {
  const { headers, body } = await ask("GET", "invocation/next");
  const awsRequestId = headers["lambda-runtime-aws-request-id"];
  const deadlineAt = Number(headers["lambda-runtime-deadline-ms"]);
  const context = { awsRequestId, getRemainingTimeInMillis: () => deadlineAt - Date.now() };
  try {
    const answer = await handler(JSON.parse(body), context);
    await ask("POST", `invocation/${awsRequestId}/response`, JSON.stringify(answer ?? null));
  } catch (error) {
    await ask("POST", `invocation/${awsRequestId}/error`, told(error));
  }
}
