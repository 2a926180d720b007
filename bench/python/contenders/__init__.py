"""The contenders by name, as in ../../src/contenders/python.ts."""

from __future__ import annotations

from contender import Contender


def load(name: str) -> Contender:
    """Imports the one that is asked for: a worker's memory must hold no other's packages."""
    match name:
        case "torch-dataloader-0" | "torch-dataloader-2":
            from contenders.torch_dataloader import TorchDataLoader

            return TorchDataLoader(workers=int(name.rpartition("-")[2]))
        case "torchvision-tensor":
            from contenders.tensor_transforms import torchvision_tensor

            return torchvision_tensor()
        case "torchcodec":
            from contenders.tensor_transforms import torchcodec_tensor

            return torchcodec_tensor()
        case "transformers-5":
            from contenders.transformers_processor import TransformersProcessor

            return TransformersProcessor()
        case "opencv":
            from contenders.opencv import OpenCv

            return OpenCv()
        case "spdl":
            from contenders.spdl_pipeline import SpdlPipeline

            return SpdlPipeline()
        case "dali-cpu":
            from contenders.dali_cpu import DaliCpu

            return DaliCpu()
        case "tf-data":
            from contenders.tf_data import TfData

            return TfData()
        case "litdata":
            from contenders.litdata_packed import LitDataPacked

            return LitDataPacked()
        case "streaming":
            from contenders.streaming_packed import StreamingPacked

            return StreamingPacked()
    raise ValueError(f"unknown contender {name}")
