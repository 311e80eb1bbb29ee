/** Choosing who answers, and how hard they think. */
import type { Conversation } from "../model/conversation";
import { defaultModel, findModel } from "../model/catalogue";
import type { Model } from "../shapes";
import { noteUse } from "./kept";

/** The model that will answer; undefined until the catalogue is here. */
export function modelOf(conversation: Conversation): Model | undefined {
  return findModel(conversation.model.value) ?? defaultModel();
}

/** What the chat asks for where the model knows it, else the model's own; null: it cannot be told. */
export function effortOf(conversation: Conversation, model: Model | undefined): string | null {
  const wanted = conversation.effort.value;
  return wanted !== null && model?.efforts.includes(wanted) === true ? wanted : (model?.effort ?? null);
}

export async function chooseModel(conversation: Conversation, model: Model): Promise<void> {
  const wanted = conversation.effort.value;
  conversation.isChoosing.value = true;
  noteUse(model.id);
  // An effort that the new model does not know would be refused together with it.
  const forget = wanted !== null && !model.efforts.includes(wanted);
  await conversation.change({ model: model.id, ...(forget && { effort: null }) });
}

export async function chooseEffort(conversation: Conversation, model: Model, effort: string): Promise<void> {
  conversation.isChoosing.value = true;
  // The model's own is not written down: it stays the usual one, also of the next model.
  await conversation.change({ effort: effort === model.effort ? null : effort });
}
