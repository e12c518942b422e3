/**
 * Every operation of the OpenAPI document is sent what it cannot take: members that it does not know,
 * types that are wrong, cursors that are forged or another list's, ids that need encoding. It answers
 * with the right status and code, names each member, and nothing is changed.
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type * as z from "zod";
import { type Operation, pathParametersOf, type Route } from "../../../docs/openapi/operation.ts";
import { operationList } from "../../../docs/openapi/operations.ts";
import { exampleOf, keyFor, prepareExample } from "../../support/example.ts";
import { openService, type Service } from "../../support/service.ts";

type Issue = { readonly path: readonly (string | number)[] };

/** Members that take any JSON value, or whose values are judged one by one. */
const takesAnything: Readonly<Partial<Record<Route, readonly string[]>>> = {
  "POST /v1/messages": ["body"],
};

const keyed = operationList.filter(([, { scope }]) => scope !== undefined);
const list = keyed.map(([route, operation]): [Route, Operation] => [route, operation]);

/** One service with what the examples need, and a way to send each of them with changes. */
const usePrepared = (route: Route) => {
  const service = {} as Service;
  let path: Readonly<Record<string, string>> = {};
  let key = "";
  beforeAll(async () => {
    Object.assign(service, await openService());
    path = await prepareExample(service, route);
    key = await keyFor(service, route);
  });
  afterAll(() => service.close());
  const example = exampleOf(route);
  const [method = "", template = ""] = route.split(" ");
  return {
    service,
    send: async ({
      query = "",
      body = example.body,
      names = {},
    }: {
      readonly query?: string;
      readonly body?: unknown;
      readonly names?: Readonly<Record<string, string>>;
    }) => {
      const named = { ...example.path, ...path, ...names };
      const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => named[name] ?? "");
      return service.request(
        `${filled}${query}`,
        {
          method,
          ...(body !== undefined && {
            body: JSON.stringify(body),
            headers: { "content-type": "application/json" },
          }),
        },
        key,
      );
    },
  };
};

/** All that is stored. Nothing that is refused may change it. */
const stored = async (service: Service): Promise<string> =>
  JSON.stringify(await service.table.scan());

const pathsIn = ({ json }: { readonly json: { readonly issues: readonly Issue[] } }) =>
  json.issues.map(({ path }) => path[0]);
const membersOf = (schema: z.ZodObject): readonly string[] => Object.keys(schema.shape);

describe.each(list.filter(([, { query }]) => query !== undefined))("The query of %s", (route) => {
  const { query } = operationList.find(([each]) => each === route)?.[1] ?? {};
  const { service, send } = usePrepared(route);

  test("is refused if it has a member that is not known", async () => {
    const before = await stored(service);
    const given = new URLSearchParams(exampleOf(route).query as Record<string, string>);

    const answer = await send({ query: `?${given}&nonsense=1&__proto__=1` });

    expect([answer.status, answer.json.code]).toEqual([400, "VALIDATION_ERROR"]);
    expect(pathsIn(answer)).toEqual(["nonsense", "__proto__"]);
    expect(await stored(service)).toBe(before);
  });

  test.each(query ? membersOf(query) : [])("is refused if it has %s twice", async (member) => {
    const { status, json } = await send({ query: `?${member}=1&${member}=1` });

    expect([status, json.code]).toEqual([400, "VALIDATION_ERROR"]);
    expect(json.issues).toContainEqual({ path: [member], message: "is given more than once" });
  });

  if (query && "cursor" in query.shape)
    test.each(["made-up", "%00", "A".repeat(4097), ""])(
      "is refused with the cursor %j",
      async (cursor) => {
        const answer = await send({ query: `?cursor=${cursor}` });

        expect([answer.status, pathsIn(answer)]).toEqual([400, ["cursor"]]);
      },
    );
});

describe("A cursor of one list", () => {
  const service = {} as Service;
  beforeAll(async () => {
    Object.assign(service, await openService());
  });
  afterAll(() => service.close());
  const jobsOf = (key: string) =>
    Promise.all(
      [1, 2].map(() =>
        service.request(
          "/v1/jobs",
          {
            ...{ method: "POST", body: JSON.stringify({ action: "cancel", filter: {} }) },
            headers: { "content-type": "application/json" },
          },
          key,
        ),
      ),
    );

  test("is refused by every other one, and by the same one of another sender", async () => {
    await jobsOf(service.apiKey);
    const { json } = await service.request("/v1/jobs?limit=1");
    const jobId = json.items[0].jobId;
    const operator = await service.operatorKey();
    const other = await service.senderWithKey("other");
    const own = await service.request(`/v1/jobs?cursor=${json.nextCursor}`);

    const answers = await Promise.all(
      (
        [
          ["/v1/messages", service.apiKey],
          [`/v1/jobs/${jobId}/counts`, service.apiKey],
          ["/v1/senders", operator],
          ["/v1/senders/shop/keys", operator],
          ["/v1/senders/shop/history", operator],
          ["/v1/jobs", other],
        ] as const
      ).map(([path, key]) => service.request(`${path}?cursor=${json.nextCursor}`, {}, key)),
    );

    expect(own.status).toBe(200);
    expect(answers.map((answer) => [answer.status, pathsIn(answer)])).toEqual(
      answers.map(() => [400, ["cursor"]]),
    );
  });
});

describe.each(list.filter(([, { body }]) => body !== undefined))("The body of %s", (route) => {
  const { body } = operationList.find(([each]) => each === route)?.[1] ?? {};
  const { service, send } = usePrepared(route);
  const valid = (exampleOf(route).body ?? {}) as object;

  test("is refused if it has a member that is not known", async () => {
    const before = await stored(service);

    const answer = await send({ body: { ...valid, nonsense: 1, constructor: 1 } });

    expect([answer.status, answer.json.code]).toEqual([400, "VALIDATION_ERROR"]);
    expect([...pathsIn(answer)].sort()).toEqual(["constructor", "nonsense"]);
    expect(await stored(service)).toBe(before);
  });

  test.each([[[]], ["text"], [1], [null], [true]])("is refused as %j", async (given) => {
    const before = await stored(service);

    const { status, json } = await send({ body: given });

    expect([status, json.code]).toEqual([400, "VALIDATION_ERROR"]);
    expect(await stored(service)).toBe(before);
  });

  const members = body ? membersOf(body) : [];
  const judged = members.filter((member) => !takesAnything[route]?.includes(member));
  if (judged.length > 0)
    test.each(judged)("is refused where %s has a wrong type", async (member) => {
      const before = await stored(service);

      const answer = await send({ body: { ...valid, [member]: [[{}]] } });

      const { results } = answer.json;
      const wrong = results ? results[0].problem : answer.json;
      expect([results ? 400 : answer.status, wrong.code]).toEqual([400, "VALIDATION_ERROR"]);
      if (!results) expect(pathsIn(answer)).toContain(member);
      expect(await stored(service)).toBe(before);
    });
});

const withIds = list.filter(([route]) => pathParametersOf(route).length > 0);
describe.each(withIds)("An id in the path of %s", (route) => {
  const { service, send } = usePrepared(route);
  const [last = ""] = pathParametersOf(route).slice(-1);

  test.each([
    ...["%23", "a%2Fb", "%00", "%F0%9F%98%80", "~", "~!", "~AA", "%E0%A4%A", "..%2F..", "%2e%2e"],
    ...["a".repeat(300), "job-1", "'%20OR%201", "__proto__"],
  ])("that is %s leads nowhere, and changes nothing", async (id) => {
    const before = await stored(service);

    const { status, json } = await send({ names: { [last]: id } });

    expect([400, 404]).toContain(status);
    expect(["VALIDATION_ERROR", "NOT_FOUND"]).toContain(json.code);
    expect(await stored(service)).toBe(before);
  });
});
