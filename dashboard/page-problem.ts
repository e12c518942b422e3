import type { Problem } from "../client/answers.ts";

/** Thrown where a page cannot be shown, with what is shown instead. */
export class PageProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

const problem = (status: number, code: string, title: string, detail: string): PageProblem =>
  new PageProblem({ type: "about:blank", status, code, title, detail });

/** Returns the problem of a page that is not there. */
export const noPage = (): PageProblem =>
  problem(404, "NOT_FOUND", "There is no such page", "The address may be mistyped.");

/** Returns the problem of a form that the browser says is from a page of another site. */
export const foreignForm = (): PageProblem =>
  problem(403, "FORBIDDEN", "This form is from another site", "Nothing was done.");

/** Returns the problem of a form that is not of this session. */
export const oldForm = (): PageProblem =>
  problem(
    ...([403, "FORM_EXPIRED", "This form is out of date"] as const),
    "Nothing was done. You have signed in anew since the page was opened: go back, reload it and try again.",
  );

/** Returns the problem of a form that is larger than any of ours. */
export const tooLarge = (): PageProblem =>
  problem(413, "PAYLOAD_TOO_LARGE", "The form is too large", "Shorten what you filled in.");
