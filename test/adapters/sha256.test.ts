import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "@jest/globals";
import { Sha256 } from "../../adapters/sha256.ts";

type Hash = {
  readonly update: (bytes: Uint8Array) => void;
  readonly digest: () => Promise<Uint8Array>;
};
type Secret = string | Uint8Array | ArrayBuffer;

const { sha256: OfTheSdk } = new DynamoDBClient({ region: "us-east-1" }).config as unknown as {
  readonly sha256: new (secret?: Secret) => Hash;
};

const digestOf = async (hash: Hash): Promise<string> => {
  hash.update(Buffer.from("what is "));
  hash.update(Buffer.from("signed"));
  return Buffer.from(await hash.digest()).toString("hex");
};

test.each<[what: string, secret: Secret | undefined]>([
  ["without a secret", undefined],
  ["with a secret that is a text", "AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"],
  ["with a secret that is bytes", Buffer.alloc(32, 250)],
  ["with a secret that is a buffer", new Uint8Array(32).fill(250).buffer],
])("%s it is that of the SDK", async (_, secret) => {
  expect(await digestOf(new Sha256(secret))).toBe(await digestOf(new OfTheSdk(secret)));
});
