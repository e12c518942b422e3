/** The functions, by the names of the folders of their code. */
export const bundleNames = ["api", "worker", "dispatcher", "dead-letter", "senders"] as const;
export type BundleName = (typeof bundleNames)[number];
