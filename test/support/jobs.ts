import { messageEntity } from "../../entities/described/message.ts";
import { type Answer, openReceiver } from "./receiver.ts";
import { aRequest, type Service } from "./service.ts";

/** What tests of jobs do with a service: many messages, some FAILED, and runs of the dispatcher. */
export const jobsOn = (service: Service) => {
  let receiver: Awaited<ReturnType<typeof openReceiver>>;
  let answer: Answer = { status: 200 };
  let ids = 0;

  const submitted = async (members: object = {}): Promise<string> => {
    const messageId = `job-${++ids}`;
    const targetUrl = `${receiver.url}/hook`;
    const timestamp = new Date(service.now()).toISOString();
    const { status } = await service.submit(
      aRequest({ messageId, targetUrl, timestamp, ...members }),
    );
    if (status !== 202) throw new Error(`The message is refused with ${status}`);
    return messageId;
  };
  const attempt = async (messageId: string, given: Answer): Promise<void> => {
    answer = given;
    const message = await service.get(messageId);
    const number = (message?.attempts ?? 0) + 1;
    await service.work({ v: 1, senderId: "shop", messageId, attempt: number });
  };
  const failed = async (members: object = {}): Promise<string> => {
    const messageId = await submitted(members);
    await attempt(messageId, { status: 410 });
    return messageId;
  };
  const post = (path: string, body?: object, key?: string) =>
    service.request(
      path,
      {
        method: "POST",
        ...(body && {
          body: JSON.stringify(body),
          headers: { "content-type": "application/json" },
        }),
      },
      key,
    );
  return {
    open: async () => {
      receiver = await openReceiver(() => answer);
    },
    close: () => receiver.close(),
    ...{ submitted, attempt, failed, post },
    many: async (count: number, make: () => Promise<string> = failed): Promise<string[]> => {
      const made: string[] = [];
      for (let index = 0; index < count; index += 1) {
        made.push(await make());
        service.advance(10);
      }
      return made;
    },
    /** Messages that FAILED, stored as their lives would have left them: faster than `many`. */
    stored: async (count: number): Promise<string[]> => {
      const entity = messageEntity(service.storage);
      const ofOne = await service.get(await failed());
      if (!ofOne) throw new Error("There is no such message");
      service.advance(1);
      const items = Array.from({ length: count }, (_, index) => {
        const at = service.now() + index;
        return {
          ...{ ...ofOne, messageId: `job-${++ids}` },
          ...{ createdAt: at, updatedAt: at, failedAt: at },
        };
      });
      await entity.put(items as never).go();
      service.advance(count);
      const made = items.map(({ messageId }) => messageId);
      // The one that was copied is none of them.
      await service.messages.erase(ofOne, {
        ...{ now: service.now(), set: { erasedAt: service.now(), payload: true } },
      });
      return made;
    },
    /** A job, made over HTTP. */
    job: async (body: object) => {
      const { status, json } = await post("/v1/jobs", { filter: {}, ...body });
      if (status !== 202) throw new Error(`The job is refused: ${JSON.stringify(json)}`);
      return json;
    },
    read: async (jobId: string) => (await service.request(`/v1/jobs/${jobId}`)).json,
    /** Runs the dispatcher at intervals, until the job has ended or waits for something else. */
    run: async (runs = 1, everyMs = 60_000): Promise<void> => {
      for (let index = 0; index < runs; index += 1) {
        await service.dispatch();
        service.advance(everyMs);
      }
    },
    statuses: async (messageIds: readonly string[]) => {
      const messages = await Promise.all(messageIds.map((messageId) => service.get(messageId)));
      return messages.map((message) => message?.status);
    },
    replays: async (messageIds: readonly string[]) => {
      const messages = await Promise.all(messageIds.map((messageId) => service.get(messageId)));
      return messages.map((message) => message?.replays);
    },
  };
};
