import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { compileCache } from "../support/compile-cache.ts";

const root = join(import.meta.dirname, "../..");

/** Sends the echo target a body of 512 MB, chunk by chunk; what it answers, and memory at its most. */
const script = `
  import { echo } from "./local/echo.ts";
  let left = 512;
  const body = new ReadableStream(
    {
      pull: (controller) => {
        if (left === 0) return controller.close();
        left -= 1;
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
    },
    { highWaterMark: 0 },
  );
  const app = echo({ arrival: () => {} });
  const answer = await app.request("/echo", { method: "POST", body, duplex: "half" });
  const { bytes } = await answer.json();
  const peakMb = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ bytes, peakMb }));`;

test("the echo target counts a body of any size and keeps none of it", () => {
  const { stdout } = spawnSync(
    join(root, "node_modules/.bin/node"),
    ["--input-type=module", "--eval", script],
    { cwd: root, encoding: "utf8", env: { PATH: process.env["PATH"], ...compileCache } },
  );

  const { bytes, peakMb } = JSON.parse(stdout);
  expect(bytes).toBe(512 * 1024 * 1024);
  expect(peakMb).toBeLessThan(512);
});
