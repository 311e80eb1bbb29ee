/** Faces of people and groups, and choosing one. Apart from the rest of `ui`, as the first screen needs none of it. */
export { Avatar, initials, toneOf } from "./Avatar";
export { AvatarPicker } from "./AvatarPicker";
