/** What this feature reads of the server, by the names of its schema. */
import type { Schemas } from "@/lib/api";

export type ChangedSubscription = Schemas["ChangedSubscription"];
export type ChangePrice = Schemas["ChangePrice"];
export type CheckoutState = Schemas["CheckoutState"]["state"];
export type Order = Schemas["Order"];
export type Payment = Schemas["Payment"];
export type Plan = Schemas["Plan"];
export type Subscription = Schemas["Subscription"];
export type Tier = Schemas["Tier"];
export type Usage = Schemas["Usage"];
