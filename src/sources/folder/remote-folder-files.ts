import type { RemoteFile } from "../../remote/remote-file.js";
import { remoteImages } from "../../remote/remote-images.js";
import { shownUrl } from "../../remote/remote-location.js";
import type { RemoteSettings } from "../../remote/remote-options.js";
import { type ByteName, textOfName } from "../../shared/byte-name.js";
import type { ListedFolder } from "../../shared/listed-folder.js";
import { renamed } from "../copied-file.js";
import { contentsOfList } from "./folder-contents.js";
import type { FolderFiles } from "./folder-files.js";
import { readImageText } from "./image-text.js";

/** A folder of images that is elsewhere. Each image is fetched when its pair is read, and kept in the cache. */
export function remoteFiles(
  url: string,
  below: ListedFolder<RemoteFile>,
  settings: RemoteSettings,
): FolderFiles {
  const images = remoteImages(settings);
  // names that came as text are text again
  const fileAt = (path: ByteName) => below.file(textOfName(path) as string) as RemoteFile;
  return {
    folder: shownUrl(url).replace(/\/+$/, ""),
    contents: contentsOfList(below.paths()),
    async image(path, index, context) {
      const file = fileAt(path);
      return { image: await images.readListed(file, index, context?.signal), origin: file.name };
    },
    async text(path, index, context) {
      const file = fileAt(path);
      const copy = await file.hold(context?.signal);
      return readImageText(copy.path, index)
        .catch((error) => {
          throw renamed(error, copy.path, file.name);
        })
        .finally(copy.release);
    },
  };
}
