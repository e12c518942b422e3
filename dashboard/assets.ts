import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Hono } from "hono";

type Asset = { readonly path: string; readonly text: string; readonly type: string };

const read = (name: string, type: string): Asset => {
  const text = readFileSync(new URL(`./assets/${name}`, import.meta.url), "utf8");
  const hash = createHash("sha256").update(text).digest("base64url").slice(0, 12);
  return { path: `/assets/${hash}/${name}`, text, type };
};

/** The files that pages load: next to this module, in a bundle too. They are read once. */
export const style = read("style.css", "text/css; charset=utf-8");
export const script = read("script.js", "text/javascript; charset=utf-8");

/**
 * Returns the routes of those files. A path has the hash of its file, which is kept for a year.
 * While a new version is deployed, one process is asked for the file of another: it gives its own,
 * and that is not kept.
 */
export const assets = (): Hono => {
  const app = new Hono();
  for (const asset of [style, script]) {
    const name = asset.path.split("/").at(-1);
    app.get(`/assets/:hash/${name}`, (context) => {
      const isThis = context.req.path.endsWith(asset.path);
      context.header("cache-control", isThis ? "public, max-age=31536000, immutable" : "no-store");
      return context.body(asset.text, 200, { "content-type": asset.type });
    });
  }
  return app;
};
