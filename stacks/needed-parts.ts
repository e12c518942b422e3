/**
 * What is taken of packages that come as one piece: only the files that the functions need. They are
 * named by the paths that a package has today. If a release moves one, the bundle cannot be made: it is
 * found out here, and by no delivery.
 */

import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/** Puts modules of our own in the place of packages. */
const inPlaceOf = (contentsOf: Readonly<Record<string, string>>): Plugin => ({
  name: "in-place-of",
  setup: ({ onResolve, onLoad }) => {
    const namespace = "in-place-of";
    for (const name of Object.keys(contentsOf))
      onResolve({ filter: new RegExp(`^${name}$`) }, ({ path, resolveDir, namespace: from }) =>
        from === namespace ? undefined : { path, namespace, pluginData: resolveDir },
      );
    onLoad({ filter: /.*/, namespace }, ({ path, pluginData }) => ({
      contents: contentsOf[path] ?? "",
      resolveDir: pluginData,
    }));
  },
});

/**
 * Of undici its agent and `request`, without fetch, web sockets, mocks and caches. Of ElectroDB its
 * entities, without services and transactions, and of the SDK's document client the five commands that
 * they make. ElectroDB would `require` that client whole; what is required cannot be left out in parts,
 * and neither can what that imports: all of DynamoDB's client, which every function starts with.
 */
const packages = inPlaceOf({
  undici: `
    const Dispatcher = require("undici/lib/dispatcher/dispatcher.js");
    Object.assign(Dispatcher.prototype, { request: require("undici/lib/api/api-request.js") });
    exports.Agent = require("undici/lib/dispatcher/agent.js");
    exports.buildConnector = require("undici/lib/core/connect.js");`,
  electrodb: `
    import * as lib from "@aws-sdk/lib-dynamodb";
    import { unmarshall } from "@aws-sdk/util-dynamodb";
    import { DocumentClientV3Wrapper, util } from "electrodb/src/client.js";
    export { Entity } from "electrodb/src/entity.js";
    export { CustomAttributeType } from "electrodb/src/schema.js";
    const { DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } = lib;
    const commands = { DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand };
    DocumentClientV3Wrapper.init = (client) => new DocumentClientV3Wrapper(client, commands);
    util.unmarshall = unmarshall;`,
});

/** What ElectroDB requires of the SDK, and is given above. */
const givenToElectro: Plugin = {
  name: "given-to-electro",
  setup: ({ onResolve, onLoad }) => {
    const namespace = "given-to-electro";
    onResolve({ filter: /^@aws-sdk\/(lib|util)-dynamodb$/ }, ({ path, kind }) =>
      kind === "require-call" ? { path, namespace } : undefined,
    );
    onLoad({ filter: /.*/, namespace }, () => ({ contents: "module.exports = {};" }));
  },
};

/**
 * Files that are required only in cases that do not come up: bodies of fetch, and the parser for
 * processors without vector instructions, which neither kind of Lambda's is.
 */
const unneeded = /undici\/lib\/(web\/.*|llhttp\/llhttp-wasm)\.js$/;
const withoutUnneeded: Plugin = {
  name: "without-unneeded",
  setup: ({ onLoad }) => {
    onLoad({ filter: unneeded }, () => ({ contents: "module.exports = {};" }));
  },
};

/** zod's schemas can describe themselves as JSON Schema. That is done when the documents are made. */
const noJsonSchema: Plugin = {
  name: "no-json-schema",
  setup: ({ onLoad }) => {
    onLoad(
      { filter: /zod\/v4\/core\/(json-schema-processors|to-json-schema)\.js$/ },
      async (file) => {
        const text = await readFile(file.path, "utf8");
        const names = [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(
          ([, name]) => name,
        );
        return {
          contents: names.map((name) => `export const ${name} = () => () => {};`).join("\n"),
        };
      },
    );
  },
};

/**
 * What settings are about, and why a change of state has its conditions: for the pages of the
 * documentation, which are made from the same tables.
 */
const noDescriptions: Plugin = {
  name: "no-descriptions",
  setup: ({ onLoad }) => {
    onLoad(
      { filter: /(adapters\/([\w-]+-)?settings|domain\/lifecycle)\.ts$/ },
      async ({ path }) => {
        const text = await readFile(path, "utf8");
        const contents = text.replace(/\b(about|why):\s*"(?:[^"\\]|\\.)*"/g, '$1: ""');
        return { contents, loader: "ts" };
      },
    );
  },
};

/** Of its own description a client of the SDK tells its version, in the header that names it. */
const versionAlone: Plugin = {
  name: "version-alone",
  setup: ({ onLoad }) => {
    onLoad({ filter: /@aws-sdk\/client-[\w-]+\/package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, "utf8")) as { version: string };
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
  },
};

export const neededParts: readonly Plugin[] = [
  packages,
  givenToElectro,
  withoutUnneeded,
  noJsonSchema,
  noDescriptions,
  versionAlone,
];
