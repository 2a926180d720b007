#include "addon/environment.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "addon/arguments.h"
#include "addon/augmentation_options.h"
#include "addon/byte_arrays.h"
#include "addon/error_codes.h"
#include "transform/view.h"

namespace pixtok::addon {

namespace {

constexpr std::size_t kDrawnNumbers = 5;

std::string message_of(const core::Status& status) {
  const bool unexplained = status.code == core::StatusCode::kOutOfMemory && status.message.empty();
  return unexplained ? "there is not enough memory for this image" : status.message;
}

// Null, or the failures as [row, code, message].
Napi::Value failures(Napi::Env env, const std::vector<core::Status>& statuses) {
  const bool all_ok = std::all_of(statuses.begin(), statuses.end(),
                                  [](const core::Status& status) { return status.ok(); });
  if (all_ok) return env.Null();
  Napi::Array list = Napi::Array::New(env);
  for (std::size_t row = 0; row < statuses.size(); ++row) {
    const core::Status& status = statuses[row];
    if (status.ok()) continue;
    Napi::Array failure = Napi::Array::New(env, 3);
    failure.Set(0U, Napi::Number::New(env, static_cast<double>(row)));
    failure.Set(1U, Napi::String::New(env, error_code(status.code)));
    failure.Set(2U, Napi::String::New(env, message_of(status)));
    list.Set(list.Length(), failure);
  }
  return list;
}

// In milliseconds, as JavaScript has its clock. A list: names would take longer to set than all
// else.
Napi::Array times_of(Napi::Env env, const transform::BatchJob& job) {
  constexpr double kNanoseconds = 1e-6;
  const transform::StageTimes times = job.times();
  Napi::Array list = Napi::Array::New(env, 8);
  std::uint32_t place = 0;
  const auto add = [&](std::int64_t value, double unit) {
    list.Set(place++, Napi::Number::New(env, static_cast<double>(value) * unit));
  };
  add(times.queued, kNanoseconds);
  add(times.read, kNanoseconds);
  add(times.decode, kNanoseconds);
  add(times.resize, kNanoseconds);
  add(times.normalize, kNanoseconds);
  add(transform::steady_nanoseconds() - job.finished_at(), kNanoseconds);
  add(times.file_bytes, 1);
  add(times.pixel_bytes, 1);
  return list;
}

Napi::Reference<Napi::Int32Array> read_drawn(const Napi::Object& random, std::size_t samples) {
  const Napi::TypedArray drawn = require_array(random.Get("drawn"), napi_int32_array, "drawn");
  if (drawn.ElementLength() != kDrawnNumbers * samples) {
    throw Napi::TypeError::New(random.Env(), "drawn: expected room for all samples");
  }
  return Napi::Persistent(drawn.As<Napi::Int32Array>());
}

Napi::Reference<Napi::Float64Array> read_operations_room(const Napi::Object& random,
                                                         std::size_t samples, std::size_t most) {
  const Napi::Value given = random.Get("operations");
  if (given.IsNull()) return {};
  const Napi::TypedArray room = require_array(given, napi_float64_array, "operations");
  if (room.ElementLength() != samples * most * kOperationNumbers) {
    throw Napi::TypeError::New(random.Env(), "operations: expected room for all samples");
  }
  return Napi::Persistent(room.As<Napi::Float64Array>());
}

std::size_t most_operations(const transform::Plan& plan) {
  return plan.augmentation ? plan.augmentation->operations.most() : 0;
}

void write_drawn_operations(Napi::Float64Array target, const transform::BatchJob& job) {
  double* out = target.Data();
  const std::size_t most = most_operations(job.plan());
  for (const transform::Sample& sample : job.samples()) {
    out = write_operations(sample.region.operations, most, out);
  }
}

void write_drawn(Napi::Int32Array target, const transform::BatchJob& job) {
  std::int32_t* number = target.Data();
  for (const transform::Sample& sample : job.samples()) {
    const transform::PixelRect part = transform::shown_part(sample.region, job.plan().geometry);
    for (const int one : {part.top, part.left, part.height, part.width}) *number++ = one;
    *number++ = sample.region.flip ? 1 : 0;
  }
}

bool have_sound_views(const std::vector<transform::Sample>& samples, const transform::Plan& plan,
                      std::size_t bytes) {
  return std::all_of(samples.begin(), samples.end(), [&](const transform::Sample& sample) {
    const auto& views = sample.region.views;
    return views != nullptr && transform::are_sound(*views, plan, bytes);
  });
}

}  // namespace

Environment::Environment(Napi::Env env)
    : completions_(Completions::New(env, "pixtok batches", 0, 1)), reads_(env) {
  completions_.Unref(env);  // only a running batch keeps the process alive
  // Threads of ours must be done before what they use is torn down.
  env.AddCleanupHook([this] { shut_down(); });
}

Environment::~Environment() { shut_down(); }

void Environment::shut_down() {
  if (shut_down_) return;
  shut_down_ = true;
  self_.reset();
  for (const std::weak_ptr<Engine>& weak : engines_) {
    if (const std::shared_ptr<Engine> engine = weak.lock()) engine->pool().stop();
  }
  reads_.stop();
  calls_.clear();
  leases_->clear();
  if (memory_returned_) memory_returned_.Release();
  completions_.Release();
}

void Environment::on_memory_returned(Napi::Env env, Napi::Function callback) {
  auto returned = Napi::ThreadSafeFunction::New(env, callback, "pixtok memory", 0, 1);
  returned.Unref(env);
  leases_->on_returned([returned] { returned.NonBlockingCall(); });
  if (memory_returned_) memory_returned_.Release();
  memory_returned_ = returned;
}

std::shared_ptr<Engine> Environment::create_engine(
    std::size_t threads, const std::optional<transform::JpegChoice>& jpeg,
    const std::shared_ptr<const decode::ZlibLibrary>& zlib,
    const std::shared_ptr<const decode::WebpLibrary>& webp, bool copies_samples) {
  auto engine =
      std::make_shared<Engine>(threads, kernels::chosen(), jpeg, zlib, webp, copies_samples);
  engines_.push_back(engine);
  return engine;
}

Napi::Object Environment::start_batch(Napi::Env env, const std::shared_ptr<Engine>& engine,
                                      FileMappings& mappings,
                                      std::shared_ptr<const transform::Plan> plan,
                                      Napi::Array samples, Napi::Value regions, Napi::Value random,
                                      Napi::Uint8Array target, std::size_t offset) {
  // Sizes are read in no time, and images wait for them whose turn would come now.
  const core::Turn turn =
      plan->purpose == transform::Purpose::kSizes ? core::Turn::kNext : core::Turn::kInOrder;
  std::vector<transform::Sample> read = read_samples(samples, regions, engine->copies_samples());
  for (transform::Sample& sample : read) {
    if (sample.mapped.empty()) continue;
    const FileMappings::Kind kind = mappings.find(sample.mapped.data);
    if (kind == FileMappings::Kind::kNone) sample.mapped = {};
    sample.is_alone = kind == FileMappings::Kind::kPart;
  }
  const std::size_t slot = plan->slot_bytes();
  if (read.empty()) throw Napi::RangeError::New(env, "samples: expected at least one");
  const bool has_room = target.ByteLength() >= offset && offset % plan->element_bytes() == 0 &&
                        (plan->purpose == transform::Purpose::kViews
                             ? have_sound_views(read, *plan, target.ByteLength() - offset)
                             : (target.ByteLength() - offset) / slot >= read.size());
  if (!has_room) throw Napi::RangeError::New(env, "target: no room for the samples");

  Napi::Reference<Napi::Int32Array> drawn;
  Napi::Reference<Napi::Float64Array> operations;
  if (random.IsObject()) {
    read_random_keys(random.As<Napi::Object>(), read);
    drawn = read_drawn(random.As<Napi::Object>(), read.size());
    operations =
        read_operations_room(random.As<Napi::Object>(), read.size(), most_operations(*plan));
  }

  const Napi::Promise::Deferred deferred = Napi::Promise::Deferred::New(env);
  auto owned =
      std::make_unique<Call>(Call{deferred, Napi::Persistent(samples), Napi::Persistent(target),
                                  std::move(drawn), std::move(operations), engine, nullptr});
  Call* call = owned.get();
  const std::weak_ptr<Environment*> self = self_;
  // Made here: where the job ends, the lack of memory for it could not be reported.
  const auto completion = std::make_shared<std::unique_ptr<Completion>>(
      std::make_unique<Completion>(Completion{self, call}));
  call->job = std::make_shared<transform::BatchJob>(
      std::move(plan), std::move(read), target.Data() + offset, engine->workers(),
      [completion, completions = completions_](transform::BatchJob&) {
        if (completions.NonBlockingCall(completion->get()) == napi_ok) {
          static_cast<void>(completion->release());  // it is deliver()'s now
        }
      });
  const std::weak_ptr<transform::BatchJob> job = call->job;

  Napi::Object handle = Napi::Object::New(env);
  handle.Set("done", deferred.Promise());
  handle.Set("cancel", Napi::Function::New(env, [job](const Napi::CallbackInfo&) {
               if (const auto running = job.lock()) running->cancel();
             }));

  if (calls_.empty()) completions_.Ref(env);
  calls_.emplace(call, std::move(owned));
  std::shared_ptr<transform::FilesAhead> ahead;
  try {
    // an image whose turn is next is alone
    if (turn == core::Turn::kInOrder) ahead = engine->read_ahead().add(call->job->samples());
    call->job->take_from(ahead);
    engine->pool().submit(call->job, turn);
  } catch (const std::bad_alloc&) {
    for (std::size_t item = 0; ahead != nullptr && item < call->job->items(); ++item) {
      ahead->skip(item);
    }
    calls_.erase(call);
    if (calls_.empty()) completions_.Unref(env);
    throw;
  }
  return handle;
}

void Environment::deliver(Napi::Env env, Napi::Function, std::nullptr_t*, Completion* completion) {
  const std::unique_ptr<Completion> owned(completion);
  // Without an environment this is its teardown, which has already dropped every call.
  if (env == nullptr || owned == nullptr) return;
  const std::shared_ptr<Environment*> environment = owned->environment.lock();
  if (environment == nullptr) return;
  try {
    (*environment)->settle(env, owned->call);
  } catch (const Napi::Error&) {
    // A worker thread that is being terminated runs no more JavaScript: nobody waits for this.
  }
}

void Environment::settle(Napi::Env env, Call* call) {
  const auto found = calls_.find(call);
  if (found == calls_.end()) return;
  const Napi::HandleScope scope(env);
  const std::unique_ptr<Call> owned = std::move(found->second);
  calls_.erase(found);
  if (calls_.empty()) completions_.Unref(env);
  if (!owned->drawn.IsEmpty()) write_drawn(owned->drawn.Value(), *owned->job);
  if (!owned->operations.IsEmpty()) {
    write_drawn_operations(owned->operations.Value(), *owned->job);
  }
  Napi::Array outcome = Napi::Array::New(env, 2);
  outcome.Set(0U, failures(env, owned->job->statuses()));
  outcome.Set(1U, times_of(env, *owned->job));
  owned->deferred.Resolve(outcome);
}

}  // namespace pixtok::addon
