import http from "node:http";
import https from "node:https";
import { connect } from "node:net";
import { describe, expect, test } from "@jest/globals";

/** What an attempt to connect comes to, whether it is thrown or told later. */
const failureOf = (start: () => NodeJS.EventEmitter): Promise<Error> =>
  new Promise((resolve, reject) => {
    try {
      start().once("error", resolve).once("response", reject).once("connect", reject);
    } catch (error) {
      resolve(error as Error);
    }
  });

// Addresses of the documentation (RFC 5737, RFC 3849) and names that nobody can have (RFC 2606).
describe("No test connects away from this machine", () => {
  test.each<[string, () => NodeJS.EventEmitter]>([
    ["by a socket", () => connect(81, "192.0.2.1")],
    ["by a socket with options", () => connect({ port: 81, host: "2001:db8::1" })],
    ["by node:http", () => http.get("http://192.0.2.1:81/")],
    ["by node:https", () => https.get("https://192.0.2.1:81/")],
    [
      "by a kept connection",
      () => http.get("http://192.0.2.1:81/", { agent: new http.Agent({ keepAlive: true }) }),
    ],
    ["to a name", () => http.get("http://shop.invalid:81/")],
    ["to a name, by TLS", () => https.get("https://shop.invalid:81/")],
  ])("%s", async (_how, start) => {
    expect((await failureOf(start)).message).toMatch(/^A test was about to connect to/);
  });
});
