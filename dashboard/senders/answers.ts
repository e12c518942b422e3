/**
 * What the HTTP interface answers about senders, as far as pages show it. The client has no calls for
 * operators. Every time is a text of RFC 3339 in UTC.
 */
type Defaults = {
  readonly retry?: { readonly schedule?: readonly string[]; readonly maxAttempts?: number };
  readonly timeoutMs?: number;
  readonly retentionDays?: number;
};

export type SenderSummary = {
  readonly senderId: string;
  readonly createdAt: string;
  readonly defaults: Defaults;
};

/** `expiresAt`: the secret signs until then. Absent: it is the newest, and goes on signing. */
export type Secret = {
  readonly secretId: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
};

export type Sender = SenderSummary & { readonly signingSecrets: readonly Secret[] };

export type Key = {
  readonly keyId: string;
  readonly label: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
};

export type NewKey = Key & { readonly apiKey: string };
export type NewSecret = Sender & { readonly signingSecret: string };
export type NewSender = NewSecret & { readonly key: NewKey };

export type Listed<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };
