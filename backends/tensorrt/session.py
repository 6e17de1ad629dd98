from backends.session import NetworkFiles, Session, SessionOptions
from backends.errors import RuntimeMissing
def TensorRtSession(files: NetworkFiles, options: SessionOptions) -> Session:
    raise RuntimeMissing("TensorRT is not installed here.")
