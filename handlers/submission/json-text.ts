/** A JSON text and its parsed value. */
export type JsonText = { readonly text: string; readonly value: unknown };
