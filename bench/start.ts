/**
 * How large the bundles are and how fast they start: `npm run bench -- start`. With
 * POSTRIDER_RIC also by the runtime client of AWS (`npm run bench:ric`).
 */

import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { environment } from "../adapters/environment.ts";
import type { FunctionName } from "../adapters/read-settings.ts";
import { type Bundle, bundle } from "../stacks/bundle.ts";
import type { BundleName } from "../stacks/bundle-names.ts";
import { apiVariants } from "./api-variants.ts";
import { partsOf } from "./bundle-parts.ts";
import { type Deployment, openDeployment } from "./deployment.ts";
import { median } from "./figures.ts";
import type { Runtime } from "./lambda-function.ts";
import type { Part, Say } from "./part.ts";
import { type StartReport, startTables } from "./start-report.ts";
import { type ImportTimes, importTimes, openWork, startOnce } from "./start-times.ts";

const imports = 15;
const starts = 7;
const warmInvokes = 20;

/** Not the function that creates senders: it runs at deployments alone. */
type Measured = Exclude<BundleName, "senders">;

type Made = Bundle & { readonly name: Measured };
const isMeasured = (made: Bundle): made is Made => made.name !== "senders";

const functionOf = (name: Measured): FunctionName => (name === "dead-letter" ? "deadLetter" : name);

const ric = environment()["POSTRIDER_RIC"];
const runtimes: readonly Runtime[] = [
  { kind: "plain-loop" },
  ...(ric ? [{ kind: "aws-lambda-ric", folder: ric } as const] : []),
];

/** Several imports of each file, one after the other: what slows one slows all. Medians. */
const importEach = async (
  files: readonly { readonly file: string; readonly name: Measured }[],
  { environmentOf }: Deployment,
  say: Say,
): Promise<ReadonlyMap<string, ImportTimes>> => {
  const times = new Map<string, ImportTimes[]>(files.map(({ file }) => [file, []]));
  for (let round = 1; round <= imports; round += 1) {
    say(`importing each of ${files.length} bundles in a new process: ${round} of ${imports}`);
    for (const { file, name } of files)
      times.get(file)?.push(await importTimes(file, environmentOf(functionOf(name))));
  }
  return new Map(
    [...times].map(([file, each]) => [
      file,
      {
        wallMs: median(each.map(({ wallMs }) => wallMs)),
        processorMs: median(each.map(({ processorMs }) => processorMs)),
      },
    ]),
  );
};

const startTimes = async (
  bundles: readonly { readonly file: string; readonly name: Measured }[],
  deployment: Deployment,
  say: Say,
): Promise<StartReport["starts"]> => {
  const work = await openWork(deployment);
  const jobs = runtimes.flatMap((runtime) => bundles.map((each) => ({ ...each, runtime })));
  const rounds: Awaited<ReturnType<typeof startOnce>>[][] = [];
  for (let round = 1; round <= starts; round += 1) {
    say(`starting each function as Lambda does, and calling it: ${round} of ${starts}`);
    const times = [];
    for (const { name, file, runtime } of jobs) {
      const given = { name: functionOf(name), file, runtime };
      times.push(await startOnce(given, deployment, work, warmInvokes));
    }
    rounds.push(times);
  }
  work.close();
  return jobs.map(({ name, runtime }, index) => {
    const times = rounds.flatMap((round) => round[index] ?? []);
    return {
      name,
      runtime: runtime.kind,
      firstPollMs: median(times.map(({ firstPoll }) => firstPoll)),
      firstInvokeMs: median(times.map(({ firstInvoke }) => firstInvoke)),
      warmInvokeMs: median(times.flatMap((each) => each.warmInvokes)),
      ...(name === "api" && {
        firstOtherMs: median(times.map(({ others }) => others[0] ?? Number.NaN)),
        nextOtherMs: median(times.map(({ others }) => others[1] ?? Number.NaN)),
      }),
    };
  });
};

const gzipBytesOf = (file: string): number =>
  readdirSync(dirname(file))
    .filter((name) => name.endsWith(".mjs"))
    .map((name) => gzipSync(readFileSync(join(dirname(file), name)), { level: 9 }).byteLength)
    .reduce((total, bytes) => total + bytes, 0);

const measure = async (outDir: string, deployment: Deployment, say: Say): Promise<StartReport> => {
  say("bundling");
  const bundles = (await bundle(outDir)).filter(isMeasured);
  const variants = await apiVariants(outDir);
  const others = variants.map((each) => ({ ...each, name: "api" as const }));
  const times = await importEach([...bundles, ...others], deployment, say);
  const facts = ({ file, bytes }: Pick<Bundle, "file" | "bytes">) => ({
    ...{ bytes, gzipBytes: gzipBytesOf(file) },
    import: times.get(file) ?? { wallMs: Number.NaN, processorMs: Number.NaN },
  });
  return {
    bundles: bundles.map((each) => ({
      ...{ name: each.name, ...facts(each), parts: partsOf(each.metafile) },
    })),
    apiVariants: variants.map((each) => ({ choice: each.choice, ...facts(each) })),
    starts: await startTimes(bundles, deployment, say),
  };
};

export const start: Part = {
  about: "size of the bundles, and how fast they start",
  options: {},
  run: async (_, say) => {
    const outDir = await mkdtemp(join(tmpdir(), "postrider-start-"));
    const deployment = await openDeployment();
    try {
      const measured = await measure(outDir, deployment, say);
      return { figures: measured, tables: startTables(measured) };
    } finally {
      await deployment.close();
      await rm(outDir, { recursive: true });
    }
  },
};
