import { afterAll, expect, test } from "@jest/globals";
import { certificateAt } from "../../adapters/certificate.ts";
import { certificateFinding } from "../../cli/certificate-findings.ts";
import { certify } from "../support/certificates.ts";
import { fine, loopbackOpen, openHostile, policyOf } from "../support/hostile.ts";

const dayMs = 86_400_000;
const now = Date.now();
const authority = certify({ name: "Postrider test authority" });
const stranger = certify({ name: "Somebody else's authority" });
const hosts = ["shop.example"];
const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

const resolve = async () => ["127.0.0.1"];

/** Starts a server with this certificate, and looks at it under the name `shop.example`. */
const seen = async (tls: Parameters<typeof certify>[0], policy = loopbackOpen) => {
  const server = await openHostile(fine, { tls: certify({ notBefore: now - 30 * dayMs, ...tls }) });
  closers.push(server.close);
  const url = `https://shop.example:${server.port}/hook`;
  const certificate = await certificateAt({ policy, resolve, ca: authority.cert }, url, 5000);
  return { certificate, server };
};

test.each([
  { what: "is trusted", tls: { issuer: authority, notAfter: now + 30.5 * dayMs }, level: "ok" },
  {
    what: "in 5 days",
    tls: { issuer: authority, notAfter: now + 5.5 * dayMs },
    level: "attention",
  },
  { what: "has expired", tls: { issuer: authority, notAfter: now - dayMs }, level: "broken" },
  {
    what: "is for another name",
    tls: { issuer: authority, hosts: ["a.example"] },
    level: "broken",
  },
  { what: "is self-signed", tls: {}, level: "broken" },
  {
    what: "comes without the certificate of its authority",
    tls: { issuer: stranger },
    level: "broken",
  },
])(
  "a certificate is described also where it is not accepted: $what",
  async ({ what, tls, level }) => {
    const { certificate, server } = await seen({ name: "shop.example", hosts, ...tls });

    expect(certificate).toMatchObject({ subject: "shop.example", protocol: "TLSv1.3" });
    const finding = certificate && certificateFinding(certificate, now);
    expect(finding?.level).toBe(level);
    expect(finding?.what).toContain(what);
    // Nothing is sent to whoever shows it.
    expect(server.requests).toEqual([]);
  },
);

test("no connection is made to an address that is forbidden", async () => {
  const { certificate, server } = await seen({ name: "a", hosts }, policyOf("never"));

  expect(certificate).toBeUndefined();
  expect(server.connections()).toBe(0);
});

test("a server without TLS has no certificate", async () => {
  const server = await openHostile(fine, { greet: (socket) => socket.end("HTTP/1.1 400\r\n\r\n") });
  closers.push(server.close);
  const url = server.url.replace("http:", "https:");

  expect(await certificateAt({ policy: loopbackOpen }, url, 5000)).toBeUndefined();
});
