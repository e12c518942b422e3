import { Command } from "commander";
import * as z from "zod";
import { listed } from "../../client/listed.ts";
import { scopes } from "../../domain/api-key.ts";
import { senderOption } from "../arguments.ts";
import { examples } from "../examples.ts";
import type { Io } from "../io.ts";
import { keyOptions } from "../key-options.ts";
import { commonOf, parseOptions } from "../options.ts";
import { checkSecretOutput, withPrint } from "../secret-output.ts";
import type { CreatedKey, Key } from "../sender-answers.ts";
import { newKeyLines } from "../sender-lines.ts";
import { show, showList } from "../show.ts";
import type { Column } from "../table.ts";
import { type WithOperator, withOperator } from "../with-client.ts";

const of = (senderId: string): string => `/v1/senders/${encodeURIComponent(senderId)}/keys`;

const stateOf = ({ revokedAt, expiresAt }: Key): string => {
  if (revokedAt !== undefined) return `revoked ${revokedAt}`;
  return expiresAt === undefined ? "no end" : `until ${expiresAt}`;
};

const columns: readonly Column<Key>[] = [
  { head: "KEY", cell: ({ keyId }) => keyId },
  { head: "LABEL", cell: ({ label }) => label, isFlexible: true },
  { head: "MAY", cell: ({ scopes }) => scopes.join(", "), isFlexible: true },
  { head: "CREATED", cell: ({ createdAt }) => createdAt },
  { head: "STATE", cell: stateOf },
];

const list = (io: Io): Command =>
  new Command("list")
    .summary("list the keys of a sender")
    .description("Lists the keys of a sender by their ids, also those that are revoked.")
    .argument("<senderId>", "the id of the sender")
    .action((senderId: string, _options: object, command: Command) =>
      withOperator(io, command, async ({ call, stoppable }) => {
        const keys = listed<Key>(call, of(senderId), {}, stoppable);
        const count = await showList(io, commonOf(command).json, keys, columns);
        if (count === 0) io.err("The sender has no key.");
      }),
    );

const create = (io: Io): Command =>
  withPrint(new Command("create").argument("<senderId>", "the id of the sender"))
    .summary("create another key")
    .description("Creates another key of a sender, and shows it this once.")
    .option("--label <text>", "what the key is for")
    .option("--scopes <list>", `${scopes.join(",")}; both by default`)
    .option("--expires <time>", "when the key ends, such as 2027-06-30T00:00:00Z; never by default")
    .action(async (_senderId: string, _options: object, command: Command) => {
      const { label: labelSchema, ...rest } = keyOptions(scopes, io.now());
      const label = labelSchema.unwrap();
      const schema = z.object({ senderId: senderOption, label, ...rest });
      const asked = parseOptions(command, schema);
      checkSecretOutput(io, command);
      const ifUnanswered = `See postrider keys list ${asked.senderId}. If there is a new key that you have not seen, revoke it.`;
      const work = async ({ call }: WithOperator): Promise<void> => {
        const { expires } = asked;
        const expiresAt = expires === undefined ? undefined : new Date(expires).toISOString();
        const body = { label: asked.label, scopes: asked.scopes, expiresAt };
        // Not ended by Ctrl-C, which would lose what is shown this once.
        const made = await call<CreatedKey>({ method: "POST", path: of(asked.senderId), body });
        show(io, commonOf(command).json, made, newKeyLines(made));
      };
      await withOperator(io, command, work, { ifUnanswered });
    });

const revoke = (io: Io): Command =>
  new Command("revoke")
    .summary("revoke a key")
    .description("Revokes a key: within a minute it is refused everywhere.")
    .argument("<senderId>", "the id of the sender")
    .argument("<keyId>", "the id of the key, as in the list")
    .action((senderId: string, keyId: string, _options: object, command: Command) =>
      withOperator(io, command, async ({ call, stoppable }) => {
        const path = `${of(senderId)}/${encodeURIComponent(keyId)}/revoke`;
        const key = await call<Key>({ method: "POST", path }, stoppable);
        show(io, commonOf(command).json, key, [`${keyId} is ${stateOf(key)}.`]);
      }),
    );

export const keys = (io: Io): Command =>
  new Command("keys")
    .summary("list, create and revoke keys of a sender (operator)")
    .description("API keys of a sender. Needs an operator's key, which the local edition has.")
    .addCommand(list(io))
    .addCommand(create(io))
    .addCommand(revoke(io))
    .addHelpText(
      "after",
      examples(
        "postrider keys create shop --label 'the shop, production'",
        "postrider keys revoke shop fRL--q7kImeg",
      ),
    );
