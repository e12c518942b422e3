import type { Style } from "../adapters/styled.ts";

const styles: Readonly<Record<string, Style>> = {
  ...{ COMPLETED: "green", DONE: "green" },
  ...{ FAILED: "red", STOPPED: "red" },
  ...{ CANCELLED: "yellow", PAUSED: "yellow" },
};

/** Returns the style of a status of a message or of a job. */
export const statusStyle = (status: string): Style => styles[status] ?? "cyan";
