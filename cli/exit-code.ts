/** What each exit code of the command `postrider` means. Programs rely on them: they never change. */
export const exitCodes = {
  done: { code: 0, means: "It is done." },
  notDone: {
    code: 1,
    means: "It could not be done: no answer, or the service or this machine failed. Try again.",
  },
  usage: {
    code: 2,
    means: "The command is wrong, or what it needs is missing. Nothing was tried.",
  },
  refused: {
    code: 3,
    means: "The service refused it: not there, not allowed, or not possible in this state.",
  },
  bad: {
    code: 4,
    means:
      "It was done, and the result is bad: the message or the job did not end well, or faults were found.",
  },
  stopped: { code: 5, means: "You stopped it, or answered no." },
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]["code"];
