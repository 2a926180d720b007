//! Times fast_image_resize on RGB images, one thread.
//!
//! `fast-image-resize-benchmark SECONDS FILTER,WxH[+WxH...],WxH...`
//!
//! A case has one image for each of its source sizes, which are resized in turn. Its time is that of
//! an image: the mean of a pass over all of them, and of the passes the median. Takes about SECONDS
//! for each case and prints a JSON array. The crate computes its weights for every image.

use std::time::{Duration, Instant};

use fast_image_resize::images::Image;
use fast_image_resize::{CpuExtensions, FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

const EXIT_UNAVAILABLE: i32 = 69;

type Size = (u32, u32);

struct Case<'a> {
    filter: &'a str,
    from: Vec<Size>,
    to: Size,
}

fn parse_size(text: &str) -> Option<Size> {
    let (width, height) = text.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

fn parse_case(text: &str) -> Option<Case<'_>> {
    let mut parts = text.split(',');
    let filter = parts.next()?;
    let from = parts.next()?.split('+').map(parse_size).collect::<Option<_>>()?;
    let to = parse_size(parts.next()?)?;
    Some(Case { filter, from, to })
}

/// None for a filter that this crate does not have as Pillow has it.
fn filter_type(name: &str) -> Option<FilterType> {
    match name {
        "box" => Some(FilterType::Box),
        "bilinear" => Some(FilterType::Bilinear),
        "hamming" => Some(FilterType::Hamming),
        "bicubic" => Some(FilterType::CatmullRom),
        "lanczos" => Some(FilterType::Lanczos3),
        _ => None,
    }
}

#[cfg(target_arch = "x86_64")]
const EXTENSIONS: (CpuExtensions, &str) = (CpuExtensions::Avx2, "avx2");
#[cfg(target_arch = "aarch64")]
const EXTENSIONS: (CpuExtensions, &str) = (CpuExtensions::Neon, "neon");

/// Bytes with no pattern that a branch predictor or a cache could like.
fn draw_image((width, height): (u32, u32)) -> Image<'static> {
    let mut state = 7u32;
    let pixels = (0..width * height * 3)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    Image::from_vec_u8(width, height, pixels, PixelType::U8x3)
        .expect("as many bytes as pixels need")
}

fn median_nanoseconds(case: &Case, filter: FilterType, budget: Duration) -> u128 {
    let sources: Vec<_> = case.from.iter().map(|&size| draw_image(size)).collect();
    let mut target = Image::new(case.to.0, case.to.1, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    let mut resizer = Resizer::new();
    // SAFETY: main has checked that this processor has them.
    unsafe { resizer.set_cpu_extensions(EXTENSIONS.0) };

    let mut times = Vec::new();
    let start = Instant::now();
    // The first pass fills caches and is not counted.
    while times.len() < 2 || start.elapsed() < budget {
        let begin = Instant::now();
        for source in &sources {
            resizer
                .resize(source, &mut target, &options)
                .expect("sizes above zero");
        }
        times.push(begin.elapsed().as_nanos() / sources.len() as u128);
    }
    let counted = &mut times[1..];
    counted.sort_unstable();
    counted[counted.len() / 2]
}

fn json_size((width, height): Size) -> String {
    format!("[{width},{height}]")
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((seconds, cases)) = arguments.split_first() else {
        eprintln!("usage: fast-image-resize-benchmark SECONDS FILTER,WxH[+WxH...],WxH...");
        std::process::exit(2);
    };
    let budget = Duration::from_secs_f64(seconds.parse().expect("SECONDS is a number"));
    if !EXTENSIONS.0.is_supported() {
        eprintln!("this processor has no {}", EXTENSIONS.1);
        std::process::exit(EXIT_UNAVAILABLE);
    }
    let mut lines = Vec::new();
    for text in cases {
        let case = parse_case(text).expect("FILTER,SIZES,SIZE");
        let Some(filter) = filter_type(case.filter) else {
            continue;
        };
        let from: Vec<_> = case.from.iter().copied().map(json_size).collect();
        lines.push(format!(
            r#"{{"kernel":"{}","operation":"resize","weights":"rebuilt","filter":"{}","from":[{}],"to":{},"nanoseconds":{}}}"#,
            EXTENSIONS.1,
            case.filter,
            from.join(","),
            json_size(case.to),
            median_nanoseconds(&case, filter, budget),
        ));
    }
    println!("[{}]", lines.join(","));
}
