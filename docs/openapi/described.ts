import type * as z from "zod";

/** What a member is about, and examples of it. */
export type About = string | { readonly description: string; readonly examples: unknown[] };

/**
 * Returns the schema of an object with a description of each member. The rules stay those of the
 * schema, and to forget a member does not compile.
 */
export const described = <Schema extends z.ZodObject>(
  schema: Schema,
  about: { readonly [Member in keyof Schema["shape"]]: About },
): Schema => {
  const members = Object.entries<z.ZodType>(schema.shape).map(([name, member]) => {
    const said = about[name as keyof typeof about];
    return [name, member.meta(typeof said === "string" ? { description: said } : said)];
  });
  return schema.extend(Object.fromEntries(members)) as Schema;
};
