/** Prints what the import of a file took, in milliseconds: of the clock, and of the processor. */
import { pathToFileURL } from "node:url";

const { href } = pathToFileURL(process.argv[2]);
const startedAt = performance.now();
const before = process.cpuUsage();
await import(href);
const { user, system } = process.cpuUsage(before);
const times = { wallMs: performance.now() - startedAt, processorMs: (user + system) / 1000 };
process.stdout.write(`\n${JSON.stringify(times)}\n`, () => process.exit());
