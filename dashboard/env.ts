import type { Ask } from "./ask.ts";
import type { Flash } from "./flash.ts";
import type { Holder, Session } from "./session.ts";

/** What the HTTP interface hands over with each request. */
export type Bindings = {
  /** The address that the request came from. */
  readonly address?: string | undefined;
  /** Has the body read as the server sees fit. */
  readonly whileReading?: <Result>(read: () => Promise<Result>) => Promise<Result>;
};

/** What a request to the dashboard carries from one handler to the next. */
export type DashboardEnv = {
  Bindings: Bindings | undefined;
  Variables: {
    /** Who is signed in. Set by `requireSession`, which sends everybody else to the sign-in. */
    session: Session;
    /** Asks the HTTP interface with the viewer's key of this kind. Throws if the viewer has none. */
    as: (holder: Holder) => Ask;
    /** Takes what came of the viewer's last action, which is shown once. */
    flash?: () => Flash | undefined;
    now: number;
  };
};
