/** The parts of dynalite that work without its HTTP server: validation, and what each call does. */
type DynaliteError = Error & { readonly statusCode: number; readonly body: object };
type DynaliteAction = (
  store: object,
  data: Record<string, unknown>,
  answer: (error: DynaliteError | undefined | null, output?: object) => void,
) => void;
type DynaliteRules = { readonly types: object; readonly custom: unknown };

declare module "dynalite/actions/putItem.js" {
  const action: DynaliteAction;
  export default action;
}
declare module "dynalite/actions/updateItem.js" {
  const action: DynaliteAction;
  export default action;
}
declare module "dynalite/actions/getItem.js" {
  const action: DynaliteAction;
  export default action;
}
declare module "dynalite/actions/deleteItem.js" {
  const action: DynaliteAction;
  export default action;
}
declare module "dynalite/actions/query.js" {
  const action: DynaliteAction;
  export default action;
}
declare module "dynalite/validations/putItem.js" {
  const rules: DynaliteRules;
  export default rules;
}
declare module "dynalite/validations/updateItem.js" {
  const rules: DynaliteRules;
  export default rules;
}
declare module "dynalite/validations/getItem.js" {
  const rules: DynaliteRules;
  export default rules;
}
declare module "dynalite/validations/deleteItem.js" {
  const rules: DynaliteRules;
  export default rules;
}
declare module "dynalite/validations/query.js" {
  const rules: DynaliteRules;
  export default rules;
}
declare module "dynalite/validations/batchGetItem.js" {
  const rules: DynaliteRules;
  export default rules;
}
declare module "dynalite/validations/index.js" {
  const validations: {
    readonly checkTypes: (data: object, types: object) => Record<string, unknown>;
    readonly checkValidations: (
      data: object,
      types: object,
      custom: unknown,
      store: object,
    ) => void;
  };
  export default validations;
}
