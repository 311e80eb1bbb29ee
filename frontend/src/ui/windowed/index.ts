/** Lists that may be long. Not part of `@/ui`: the first screen has none. */
export { useGrow, type Growing } from "./useGrow";
export { usePlace } from "./usePlace";
export { spanOf, useVirtual, type ListVirtualizer, type Span } from "./useVirtual";
export { WindowedList } from "./WindowedList";
