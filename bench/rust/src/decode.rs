//! Times decoders of the crates zune-jpeg, png and image-webp: files in memory to RGB or RGBA.
//!
//! `decode-benchmark CRATE THREADS SECONDS LIST...`
//!
//! A LIST has one path a line. Its files are decoded in turn, once uncounted and then for SECONDS, at
//! least once. Prints a JSON array: images and seconds of each list.

use std::fs;
use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

/// Pixels of one file, in memory that the thread uses again.
type Decode = fn(&[u8], &mut Vec<u8>);

fn by_zune_jpeg(file: &[u8], pixels: &mut Vec<u8>) {
    let options = DecoderOptions::new_fast()
        .set_max_width(1 << 16)
        .set_max_height(1 << 16)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().expect("a JPEG");
    pixels.resize(decoder.output_buffer_size().expect("headers"), 0);
    decoder.decode_into(pixels).expect("a whole JPEG");
}

fn by_png(file: &[u8], pixels: &mut Vec<u8>) {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().expect("a PNG");
    pixels.resize(reader.output_buffer_size().expect("a size"), 0);
    reader.next_frame(pixels).expect("a whole PNG");
}

fn by_image_webp(file: &[u8], pixels: &mut Vec<u8>) {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file)).expect("a WebP");
    pixels.resize(decoder.output_buffer_size().expect("a size"), 0);
    decoder.read_image(pixels).expect("a whole WebP");
}

fn read_list(list: &str) -> Vec<Vec<u8>> {
    let paths = fs::read_to_string(list).expect("LIST can be read");
    paths
        .lines()
        .filter(|path| !path.is_empty())
        .map(|path| fs::read(path).expect("its files can be read"))
        .collect()
}

/// How long it takes to decode every file once.
fn pass(files: &[Vec<u8>], decode: Decode, memory: &mut [Vec<u8>]) -> Duration {
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    thread::scope(|scope| {
        for pixels in memory {
            let next = &next;
            scope.spawn(move || {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    decode(file, pixels);
                }
            });
        }
    });
    start.elapsed()
}

/// Images and seconds.
fn decode_list(list: &str, decode: Decode, threads: usize, least: Duration) -> (usize, f64) {
    let files = read_list(list);
    let mut memory = vec![Vec::new(); threads];
    pass(&files, decode, &mut memory);
    let mut elapsed = Duration::ZERO;
    let mut images = 0;
    while images == 0 || elapsed < least {
        elapsed += pass(&files, decode, &mut memory);
        images += files.len();
    }
    (images, elapsed.as_secs_f64())
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, threads, seconds, lists @ ..] = arguments.as_slice() else {
        eprintln!("usage: decode-benchmark CRATE THREADS SECONDS LIST...");
        std::process::exit(2);
    };
    let decode: Decode = match name.as_str() {
        "zune-jpeg" => by_zune_jpeg,
        "png" => by_png,
        "image-webp" => by_image_webp,
        _ => panic!("CRATE is zune-jpeg, png or image-webp, not {name}"),
    };
    let threads = threads.parse().expect("THREADS is a number");
    let least = Duration::from_secs_f64(seconds.parse().expect("SECONDS is a number"));
    let runs: Vec<_> = lists
        .iter()
        .map(|list| {
            let (images, seconds) = decode_list(list, decode, threads, least);
            format!(r#"{{"images":{images},"seconds":{seconds:.6}}}"#)
        })
        .collect();
    println!("[{}]", runs.join(","));
}
