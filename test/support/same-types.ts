/** A type with every optional member, at any depth: of two types without it they could differ. */
type Whole<Type> = Type extends readonly (infer Entry)[]
  ? Whole<Entry>[]
  : Type extends object
    ? { [Member in keyof Type]-?: Whole<Exclude<Type[Member], undefined>> }
    : Type;
type Fits<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : never) : never;

/** Fails to compile unless each of the two types can stand for the other, and has its members. */
export type Same<One, Other> = Fits<One, Other> & Fits<Whole<One>, Whole<Other>>;
