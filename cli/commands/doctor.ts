import { Command } from "commander";
import * as z from "zod";
import { certificateAt } from "../../adapters/certificate.ts";
import { parseCidr } from "../../domain/address.ts";
import type { TargetPolicy } from "../../domain/target-url.ts";
import { flag, regionOption, tableOption } from "../arguments.ts";
import { type Connection, dataDirOf, findConnection, isLocalMeant } from "../connection.ts";
import { checkDelivery } from "../doctor/check-delivery.ts";
import { examineLocal } from "../doctor/examine-local.ts";
import { examineService, type Service } from "../doctor/examine-service.ts";
import { localFindings } from "../doctor/local-findings.ts";
import { serviceFindings } from "../doctor/service-findings.ts";
import { examples } from "../examples.ts";
import { type Finding, isWorking } from "../finding.ts";
import { showFindings } from "../finding-lines.ts";
import type { Io } from "../io.ts";
import { type CommonOptions, commonOf, parseOptions } from "../options.ts";
import { withClient } from "../with-client.ts";

/** The service is the caller's own: any address may be reached. */
const anywhere: TargetPolicy = {
  allowed: ["0.0.0.0/0", "::/0"].flatMap((range) => parseCidr(range) ?? []),
  http: "always",
};

const ofService = async (io: Io, service: Service): Promise<readonly Finding[]> => {
  const look = (url: string, deadlineMs: number) =>
    certificateAt({ policy: anywhere }, url, deadlineMs);
  const { fetch, now, interrupted: signal } = io;
  const facts = await examineService({ fetch, now, signal, certificateAt: look }, service);
  return serviceFindings(facts);
};

const ofLocalEdition = async (io: Io, options: CommonOptions): Promise<readonly Finding[]> => {
  const { fetch, now, environment, interrupted: signal } = io;
  const dataDir = dataDirOf(environment, options);
  io.progress(`looking at ${dataDir}`);
  const facts = await examineLocal({ fetch, now, environment, signal }, dataDir);
  const findings = localFindings(facts);
  if (facts.edition !== "running") return findings;
  const place = await findConnection(environment, options);
  return [...findings, ...(await ofService(io, { ...place, isLocal: true }))];
};

const doctorOptions = z.object({
  table: tableOption.optional(),
  region: regionOption,
  deployed: flag,
});

/** How long a message to the deployment itself may take: a few times what a cold start takes. */
const deliveredWithinMs = 90_000;

const sendToItself = async (io: Io, command: Command): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  await withClient(io, command, async ({ client, connection: { url } }) => {
    io.progress(`sending a message to ${url} itself`);
    const deps = { ...io, client, signal: io.interrupted };
    findings.push(await checkDelivery(deps, { url, withinMs: deliveredWithinMs }));
  });
  return findings;
};

const ofPlace = async (
  io: Io,
  place: Connection | undefined,
  { table, ...options }: CommonOptions & { readonly table?: string | undefined },
): Promise<readonly Finding[]> => {
  if (place) {
    io.progress(`looking at ${place.url}`);
    return ofService(io, { ...place, isLocal: false });
  }
  // Whoever names a table on AWS does not mean an edition here.
  return table === undefined ? ofLocalEdition(io, options) : [];
};

const act = async (io: Io, command: Command): Promise<void> => {
  const { table, region, deployed } = parseOptions(command, doctorOptions);
  const options = commonOf(command);
  const isLocal = await isLocalMeant(io.environment, options);
  const place = isLocal ? undefined : await findConnection(io.environment, options);
  const findings = await ofPlace(io, place, { ...options, table });
  // Only here: the SDK takes long to load.
  const ofTable = table === undefined ? [] : await lookAtTable(io, { table, region });
  // Last, and only where the deployment answers at all: else it says the same again, after a while.
  const isDown = findings.some(({ level, about }) => about === "health" && level === "broken");
  const ofDelivery = deployed && !isDown ? await sendToItself(io, command) : [];
  io.progress("");
  showFindings(io, options.json, [...findings, ...ofTable, ...ofDelivery], {
    next: "Fix them from the top: later findings may follow from earlier ones.",
    ...(place && { more: { url: place.url } }),
    // A pipeline asks whether the deployment works. What FAILED before it is no reason to stop it.
    ...(deployed && { judge: isWorking }),
  });
};

const lookAtTable = async (io: Io, place: { table: string; region?: string | undefined }) => {
  io.progress(`looking at the table ${place.table}`);
  const { examineTable } = await import("../doctor/examine-table.ts");
  return examineTable(place);
};

export const doctor = (io: Io): Command =>
  new Command("doctor")
    .summary("say what is wrong with Postrider, and what to do")
    .description(
      "Examines the local edition with its data directory and settings, or a deployment: whether it answers, clock, certificate, keys, backlog and failures; with --table also its table, with your AWS credentials. It changes nothing. With --deployed it also sends a message to the deployment itself, which verifies its signature, and waits until it has arrived: for pipelines.",
    )
    .option("--table <name>", "examine a DynamoDB table as well: the output TableName of the stack")
    .option("--deployed", "send a message to the deployment itself, and see it COMPLETED")
    .option(
      "--region <region>",
      "the region of the table, if neither AWS_REGION nor the profile has it",
    )
    .addHelpText(
      "after",
      examples(
        "postrider doctor",
        "postrider doctor --data-dir /srv/postrider",
        "postrider doctor --profile prod --table postrider-prod-Table1ABC --json",
        "postrider doctor --url https://postrider.example.com --sender smoke --deployed",
      ),
    )
    .action((_options: object, command: Command) => act(io, command));
