import { headerFaults } from "../../domain/header-rules.ts";
import { isMessageId } from "../../domain/ids.ts";
import { membersOf } from "../../domain/json-source.ts";
import { limits } from "../../domain/limits.ts";
import { methods } from "../../domain/request.ts";
import type { Submission } from "../../domain/submission.ts";
import { type TargetPolicy, targetUrlFaults } from "../../domain/target-url.ts";
import { parseTime } from "../../domain/time.ts";

type Issue = { readonly path: string; readonly message: string };
type Read = { readonly submission: Submission } | { readonly issues: readonly Issue[] };

const known = new Set([
  ...["messageId", "senderId", "timestamp", "targetUrl", "method", "headers", "body"],
]);

/** The members that are read here, and what is wrong with them. Others are refused by name. */
const faultsOf = (
  given: Readonly<Record<string, unknown>>,
  senderId: string,
  target: TargetPolicy,
): readonly Issue[] => {
  const issues: Issue[] = [];
  const fault = (path: string, message: string) => issues.push({ path, message });
  for (const name in given) if (!known.has(name)) fault(name, "is not known");
  const { messageId, timestamp, targetUrl, method, headers, body } = given;
  if (given["senderId"] !== senderId) fault("senderId", "is another sender's");
  if (typeof messageId !== "string" || !isMessageId(messageId)) fault("messageId", "is not an id");
  if (typeof timestamp !== "string" || timestamp.length > limits.timeCharsMax)
    fault("timestamp", "is not a time");
  else if ("fault" in parseTime(timestamp)) fault("timestamp", "is not a time");
  if (typeof targetUrl !== "string") fault("targetUrl", "is not a URL");
  else for (const each of targetUrlFaults(targetUrl, target)) fault("targetUrl", each);
  if (method !== undefined && !methods.some((each) => each === method))
    fault("method", "is not one of the methods");
  if (method === "GET" && body !== undefined) fault("method", "is GET, which has no body");
  if (typeof headers === "object" && headers !== null)
    for (const each of headerFaults({ ...headers })) fault(`headers.${each.name}`, each.message);
  else if (headers !== undefined) fault("headers", "is not an object");
  if (typeof body === "string" && !body.isWellFormed()) fault("body", "is not well-formed");
  return issues;
};

/** The source text of the body, which senders sign to the byte, and members that are repeated. */
const writtenIn = (text: string): { source?: string; issues: readonly Issue[] } => {
  const seen = new Set<string>();
  const issues: Issue[] = [];
  let body: string | undefined;
  for (const { name, source, depth } of membersOf(text)) {
    if (seen.has(name)) issues.push({ path: name, message: "is given more than once" });
    if (depth > limits.jsonDepthMax) issues.push({ path: name, message: "is nested too deep" });
    seen.add(name);
    if (name === "body") body = source;
  }
  return { issues, ...(body !== undefined && { source: body }) };
};

/** Reads a submit, or says everything that is wrong with it. */
export const readSubmission = (text: string, senderId: string, target: TargetPolicy): Read => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { issues: [{ path: "", message: "is not JSON" }] };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { issues: [{ path: "", message: "is not an object" }] };
  const given = value as Record<string, unknown>;
  const { source, issues: repeated } = writtenIn(text);
  const issues = [...faultsOf(given, senderId, target), ...repeated];
  if (issues.length > 0) return { issues };

  const { body } = given;
  const isText = typeof body === "string";
  const bytes = source === undefined ? undefined : Buffer.from(isText ? body : source);
  return {
    submission: {
      ...(given as unknown as Submission),
      ...(bytes ? { body: bytes, bodyType: isText ? "text" : "json" } : { body: undefined }),
    } as Submission,
  };
};
