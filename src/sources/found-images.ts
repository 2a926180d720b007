import type { ImageInput } from "../image/image-input.js";
import type { RemoteImages } from "../remote/remote-images.js";
import { shownUrl } from "../remote/remote-location.js";
import type { RemoteSettings } from "../remote/remote-options.js";
import type { SourceContext } from "../shared/sample-context.js";
import type { FoundImage } from "./image-root.js";
import type { Pair } from "./pair-source.js";

/** An image that has been found, as a pair has it. */
export interface ImageOfPair extends Pick<Pair, "origin"> {
  readonly image: ImageInput;
}

/** Several images of a pair, in which some may be missing. An image of a URL has no name of its own there. */
export async function imagesOf(
  found: readonly (Promise<ImageOfPair | null> | null)[],
): Promise<Pick<Pair, "image">> {
  const images = await Promise.all(found);
  return { image: images.map((one) => one?.image ?? null) };
}

/** Makes images of pairs of what has been found: of a path itself, of a URL its bytes. */
export function foundImages(settings: RemoteSettings) {
  let opened: Promise<RemoteImages> | undefined;
  const elsewhere = async (
    url: string,
    index: number,
    context: SourceContext | undefined,
  ): Promise<ImageOfPair> => {
    opened ??= import("../remote/remote-images.js").then((room) => room.remoteImages(settings));
    const image: ImageInput = await (await opened).read(url, index, context?.signal);
    return { image, origin: shownUrl(url) };
  };
  return (
    found: Exclude<FoundImage, { problem: string }>,
    index: number,
    context: SourceContext | undefined,
  ): ImageOfPair | Promise<ImageOfPair> =>
    "path" in found ? { image: found.path } : elsewhere(found.url, index, context);
}
