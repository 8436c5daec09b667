/** A primitive that only its own maker can make, so that one id cannot be passed for another. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };
