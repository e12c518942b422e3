/** What an operator of messages looks at: how things are now, what is undelivered, and jobs. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { jobsOn } from "../support/jobs.ts";
import { useService } from "../support/service.ts";
import { fieldsOf, textOf, type Viewer, viewerOf } from "../support/viewer.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const service = useService();
const jobs = jobsOn(service);
let viewer: Viewer;
beforeAll(() => jobs.open());
beforeEach(async () => {
  service.advance(hourMs);
  viewer = viewerOf(service.api);
  await viewer.signIn(service.apiKey);
});
afterAll(() => jobs.close());

const read = async (path: string): Promise<string> => textOf((await viewer.get(path)).html);
const iso = (ms: number): string => new Date(ms).toISOString();
/** Tells the messages of a test from those of others. */
const planSinceNow = (): string =>
  `/dashboard/jobs/plan?${new URLSearchParams({ from: iso(service.now()) })}`;

describe("Nothing that fails", () => {
  test("is said, with what would be there", async () => {
    expect(await read("/dashboard")).toContain("No target is failing; no message waits.");
    expect(await read("/dashboard/undelivered")).toContain("Nothing is undelivered");
    expect(await read("/dashboard/jobs")).toContain("There is no job yet");
    expect(await read("/dashboard/jobs/plan")).toContain("There are no messages that FAILED.");
  });
});

describe("The page Now", () => {
  test("says what fails, what waits and when the next attempt is", async () => {
    const retried = await jobs.submitted();
    await jobs.attempt(retried, { status: 503 });
    await jobs.submitted({ deliverAt: iso(service.now() + hourMs) });

    const page = await read("/dashboard");

    expect(page).toContain("1 target is failing; 2 messages wait; the next attempt is in 5 s.");
    // What a screen reader speaks when it changes has no time in it.
    expect(page).toContain("1 target is failing; 2 messages wait. ");
    expect(page).toMatch(/failing 127\.0\.0\.1:\d+ 2 unfinished/);
  });

  test("says since when an attempt is due that nobody makes", async () => {
    await jobs.submitted();
    service.advance(3 * minuteMs);

    expect(await read("/dashboard")).toMatch(/the oldest has been due for 1 h \d+ min/);
  });

  test("draws how attempts ended in the period that was asked for, with the same as a table", async () => {
    service.advance(8 * hourMs);
    await viewer.signIn(service.apiKey);
    const retried = await jobs.submitted();
    await jobs.attempt(retried, { status: 503 });
    for (const status of [200, 200, 410]) await jobs.attempt(await jobs.submitted(), { status });

    const { html } = await viewer.get("/dashboard?hours=1");

    expect(textOf(html)).toContain(
      "About 2 attempts were accepted, 1 failed and is retried, and 1 message FAILED.",
    );
    expect(html.match(/<rect class="bar-completed"/g)).toHaveLength(1);
    expect(textOf(html)).toMatch(/From Accepted Retried FAILED .{1,30} UTC 2 1 1 /);
    expect(textOf(html)).toMatch(/Submit to delivery, about \d+ ms median; 95 % within \d+ ms/);
  });

  test("groups failures anew for a person, and once a minute for its own refresh", async () => {
    const other = viewerOf(service.api);
    const failedNow = async (given: Viewer, headers = {}): Promise<string | undefined> => {
      const { html } = await given.ask("/dashboard", { headers });
      return /(\d+)<span class="unseen"> FAILED to/.exec(html)?.[1];
    };
    const refresh = { "x-postrider-refresh": "1" };
    const before = Number((await failedNow(viewer)) ?? 0);
    await jobs.failed();

    const refreshed = Number((await failedNow(viewer, refresh)) ?? 0);
    service.advance(minuteMs);
    const later = await failedNow(viewer, refresh);
    await jobs.failed();
    await other.signIn(await service.senderWithKey("other"));
    const loaded = await failedNow(viewer);

    expect([refreshed, Number(later), Number(loaded)]).toEqual([before, before + 1, before + 2]);
    expect(await failedNow(other, refresh)).toBeUndefined();
  });

  test("leads an operator, who has no messages, to the senders", async () => {
    const operator = viewerOf(service.api);

    const { path } = await operator.signIn(await service.operatorKey());

    expect(path).toBe("/dashboard/senders");
  });
});

describe("What is undelivered", () => {
  test("is grouped by cause and by target, with an example and the plan of a replay", async () => {
    const gone = await jobs.failed();

    const byCause = await viewer.get("/dashboard/undelivered");
    const byTarget = await viewer.get("/dashboard/undelivered?by=target");

    expect(textOf(byCause.html)).toMatch(
      /gone The target answered 410 Gone, which is final\. \d+ /,
    );
    expect(byCause.html).toContain(`<a href="/dashboard/messages/${gone}">`);
    expect(byCause.html).toContain('href="/dashboard/jobs/plan?reason=gone"');
    expect(byTarget.html).toMatch(/href="\/dashboard\/jobs\/plan\?target=127\.0\.0\.1%3A\d+"/);
  });
});

describe("A plan of a replay", () => {
  test("says how many, how long, at what cost and when it stops; and does nothing", async () => {
    const plan = planSinceNow();
    const messageIds = await jobs.many(3);

    const page = await read(`${plan}&rate=1&stop=20`);

    expect(page).toContain("3 messages match.");
    expect(page).toContain("Takes 3 s at 1 a second");
    expect(page).toMatch(/Costs less than \$0\.01 \d+ write units/);
    expect(page).toContain("It stops by itself if more than 20 % of them fail again.");
    expect(page).toContain("Replay 3 matching");
    expect(await jobs.statuses(messageIds)).toEqual(Array(3).fill("FAILED"));
  });

  test("names every fault of its form, and keeps what was typed", async () => {
    const { status, html } = await viewer.get(
      "/dashboard/jobs/plan?rate=ten&from=%3Cb%3E&stop=200",
    );

    expect(status).toBe(400);
    expect(textOf(html)).toContain("From must be a time");
    expect(textOf(html)).toContain("Messages a second must be a whole number");
    expect(textOf(html)).toContain("The share to stop at must be");
    expect(html).toContain('value="&lt;b&gt;"');
    expect(html).not.toContain("matching</button>");
  });

  test("becomes one job, however often its form is sent", async () => {
    const plan = planSinceNow();
    await jobs.many(2);
    const page = await viewer.get(plan);

    const first = await viewer.send(page, "/dashboard/jobs");
    const second = await viewer.send(page, "/dashboard/jobs");

    expect(first.path).toMatch(/^\/dashboard\/jobs\/[0-9a-z]{9}-/);
    expect(second.path).toBe(first.path);
    expect(textOf(first.html)).toContain("0 of 2 messages replayed");
  });

  test("becomes no job of other messages, nor when it is old, but is planned anew", async () => {
    const plan = planSinceNow();
    await jobs.many(2);
    const page = await viewer.get(plan);

    const changed = await viewer.send(page, "/dashboard/jobs", { from: "2026-01-01T00:00:00Z" });
    service.advance(20 * minuteMs);
    const late = await viewer.send(page, "/dashboard/jobs");

    expect([changed.path, late.path].map((path) => path.split("?")[0])).toEqual(
      Array(2).fill("/dashboard/jobs/plan"),
    );
    expect(changed.html).toContain('class="flash refused"');
    expect(textOf(late.html)).toContain("Replay 2 matching");
  });

  test("is refused to a key that only reads, in words", async () => {
    const reader = viewerOf(service.api);
    await reader.signIn(await service.senderWithKey("reader", { scopes: ["messages:read"] }));

    const { html } = await reader.get("/dashboard/jobs/plan");

    expect(textOf(html)).toContain("messages:write");
  });
});

describe("A plan of a cancel", () => {
  test("is reached from the list, says what it takes, and cancels what it counted", async () => {
    const from = iso(service.now());
    const messageIds = await jobs.many(3, () => jobs.submitted());
    const list = await viewer.get(
      `/dashboard/messages?${new URLSearchParams({ status: "unfinished", from })}`,
    );
    const [, href = ""] = /href="(\/dashboard\/jobs\/plan\?[^"]+)"/.exec(list.html) ?? [];

    const plan = await viewer.get(href.replaceAll("&amp;", "&"));
    const page = textOf(plan.html);
    const job = await viewer.send(plan, "/dashboard/jobs");
    await jobs.run();

    expect(textOf(list.html)).toContain("Plan a cancel of all messages that are unfinished from");
    expect(page).toContain("3 messages match.");
    expect(page).toMatch(/Takes 1 s at 100 a second Costs less than \$0\.01 \d+ write units/);
    expect(page).toContain("Cancel 3 matching");
    expect(page).not.toMatch(/Stop rule|Begin with|Cause/);
    expect(textOf(job.html)).toContain("Cancel messages that are unfinished");
    expect(await jobs.statuses(messageIds)).toEqual(Array(3).fill("CANCELLED"));
  });
});

describe("A job", () => {
  const begun = async () => {
    const plan = planSinceNow();
    await jobs.many(3);
    const job = await viewer.send(await viewer.get(plan), "/dashboard/jobs");
    await jobs.run();
    return job.path;
  };

  test("is paused, resumed and cancelled, and says what is next", async () => {
    const path = await begun();

    const running = await viewer.get(path);
    const paused = await viewer.send(running, `${path}/pause`);
    const resumed = await viewer.send(paused, `${path}/resume`);
    const cancelled = await viewer.send(resumed, `${path}/cancel`);

    expect(textOf(running.html)).toContain(
      "2 messages are left. At 10 a second that takes less than 1 s",
    );
    expect(textOf(paused.html)).toContain("Next 2 messages wait until you resume the job");
    expect(textOf(paused.html)).toContain("Resume with the 2 messages left");
    expect(textOf(resumed.html)).toContain("The job goes on.");
    expect(textOf(cancelled.html)).toContain("1 of 3 messages replayed");
    expect((await jobs.read(path.split("/").at(-1) ?? "")).status).toBe("CANCELLED");
  });

  test("that has ended is not paused, and says so", async () => {
    const path = await begun();
    const page = await viewer.get(path);
    await viewer.send(page, `${path}/cancel`);

    const refused = await viewer.send(page, `${path}/pause`);

    expect(refused.html).toContain('class="flash refused"');
    expect(textOf(refused.html)).toContain("CANCELLED");
  });

  test("is changed by a form of this session only", async () => {
    const path = await begun();
    const { csrf, ...others } = fieldsOf(await viewer.get(path), `${path}/pause`);

    const { status } = await viewer.post(`${path}/pause`, { ...others, csrf: `${csrf}x` });
    const made = await viewer.post("/dashboard/jobs", { rate: "10" });

    expect([status, made.status]).toEqual([403, 403]);
    expect((await jobs.read(path.split("/").at(-1) ?? "")).status).toBe("RUNNING");
  });

  test("of another sender is answered as one that is not there", async () => {
    const path = await begun();
    const stranger = viewerOf(service.api);
    await stranger.signIn(await service.senderWithKey("stranger"));

    const theirs = await stranger.get(path);
    const nobodys = await stranger.get("/dashboard/jobs/000000000-nobody");

    expect([theirs.status, theirs.html]).toEqual([404, nobodys.html]);
  });
});
