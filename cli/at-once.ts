/** Calls that are under way at once, so that one municipality's systems are not flooded. */
const AT_ONCE_MAX = 4;

/** `work` on each; answers in the order of `items`. */
export async function eachOf<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const remaining = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of remaining) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE_MAX }, lane));
  return results;
}
