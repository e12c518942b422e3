/**
 * Returns the metadata by which a schema whose rule is code says its shape in JSON Schema, for the
 * OpenAPI document (zod-openapi, `override`). It is declared beside the schema that parses requests,
 * so that both are changed together.
 */
export const shape = <const Shape extends Record<string, unknown>>(jsonSchema: Shape) => ({
  override: jsonSchema,
});
