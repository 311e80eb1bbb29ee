import { dictionary } from "@/lib/i18n";

export const t = dictionary({
  en: {
    choosePicture: "Choose a picture",
    changePicture: "Change the picture",
    removePicture: "Remove the picture",
    uploading: "Uploading the picture",
    notPicture: "This is not a picture that browsers can show. Choose a JPEG, PNG or WebP.",
    cropTitle: "Which part of it?",
    cropFrame: "The part that is shown: move it with the arrow keys, plus and minus",
    cropHint: "Drag the picture, or move it with the arrow keys.",
    zoom: "How near",
    use: "Use this part",
    cancel: "Cancel",
  },
  uk: {
    choosePicture: "Обрати зображення",
    changePicture: "Змінити зображення",
    removePicture: "Прибрати зображення",
    uploading: "Завантаження зображення",
    notPicture: "Це не зображення, яке показує браузер. Оберіть JPEG, PNG або WebP.",
    cropTitle: "Яку частину показувати?",
    cropFrame: "Видима частина: рухайте її стрілками, плюсом і мінусом",
    cropHint: "Потягніть зображення або посуньте його стрілками.",
    zoom: "Наближення",
    use: "Узяти цю частину",
    cancel: "Скасувати",
  },
});
