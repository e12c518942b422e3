/** dynalite has no types of its own; this is the part that Postrider uses. */
declare module "dynalite" {
  import type { Server } from "node:http";

  export type DynaliteOptions = {
    /** Folder of the LevelDB that keeps the tables; without it they are kept in memory. */
    readonly path?: string;
    /** How long a new table stays CREATING, in milliseconds (500 when left out). */
    readonly createTableMs?: number;
    /** How long a changed table stays UPDATING, in milliseconds (500 when left out). */
    readonly updateTableMs?: number;
  };

  /** An HTTP server that speaks DynamoDB's protocol; it listens on nothing until told to. */
  const dynalite: (options?: DynaliteOptions) => Server;
  export default dynalite;
}
