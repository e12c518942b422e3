import { describe, expect, test } from "@jest/globals";
import { documentOf, Problem, type ProblemCode, problems } from "../../domain/problem.ts";

describe("a problem document", () => {
  test.each<[ProblemCode, number, string]>([
    ["VALIDATION_ERROR", 400, "validation-error"],
    ["UNAUTHENTICATED", 401, "unauthenticated"],
    ["FORBIDDEN", 403, "forbidden"],
    ["NOT_FOUND", 404, "not-found"],
    ["METHOD_NOT_ALLOWED", 405, "method-not-allowed"],
    ["MESSAGE_CONFLICT", 409, "message-conflict"],
    ["SENDER_EXISTS", 409, "sender-exists"],
    ["ROTATION_CONFLICT", 409, "rotation-conflict"],
    ["TOO_MANY_SECRETS", 409, "too-many-secrets"],
    ["INVALID_STATE", 409, "invalid-state"],
    ["PAYLOAD_TOO_LARGE", 413, "payload-too-large"],
    ["UNSUPPORTED_MEDIA_TYPE", 415, "unsupported-media-type"],
    ["SYSTEM_ERROR", 503, "system-error"],
  ])("of %s has the status %i and a type of its own", (code, status, name) => {
    expect(documentOf(new Problem(code, "It is so."))).toStrictEqual({
      type: `urn:postrider:problem:${name}`,
      title: problems[code].title,
      status,
      code,
      detail: "It is so.",
    });
  });

  test("lists every issue with its path", () => {
    const issues = [
      { path: ["headers", "Host"], message: "is set by Postrider" },
      { path: ["body", "lines", 1], message: "is not right" },
    ];

    const document = documentOf(new Problem("VALIDATION_ERROR", "Two faults.", { issues }));

    expect(document.issues).toEqual(issues);
  });

  test("shows nothing of what caused it", () => {
    const cause = new Error("table postrider-x is down");

    const document = documentOf(new Problem("SYSTEM_ERROR", "Try again.", { cause }));

    expect(JSON.stringify(document)).not.toContain("postrider-x");
  });
});

test("a problem keeps its cause, for the log", () => {
  const cause = new Error("down");

  expect(new Problem("SYSTEM_ERROR", "Try again.", { cause })).toMatchObject({
    name: "Problem",
    message: "Try again.",
    code: "SYSTEM_ERROR",
    cause,
  });
});
