/** By whom a schedule is made. */
export const tiers = ["handlers", "lockstep", "walk"] as const;
export type Tier = (typeof tiers)[number];

/**
 * One of so many schedules is run by the real handlers with everything that is outside of them; one
 * of so many is a walk that the real handlers make too, step by step. All others are walks alone.
 */
export const shares = { handlers: 40, lockstep: 40 } as const;
const lockstepAt = 12;

export const tierOf = (seed: number): Tier => {
  if (seed % shares.handlers === 0) return "handlers";
  return seed % shares.lockstep === lockstepAt ? "lockstep" : "walk";
};
