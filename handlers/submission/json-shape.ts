/**
 * Returns the metadata by which a schema whose rule is code says its shape in JSON Schema, for the
 * OpenAPI document (zod-openapi, `override`). It stands with the schema that requests are parsed
 * with: whoever changes the one sees the other.
 */
export const shape = <const Shape extends Record<string, unknown>>(jsonSchema: Shape) => ({
  override: jsonSchema,
});
