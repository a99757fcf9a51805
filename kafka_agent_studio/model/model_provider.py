"""What a model's name says about its provider: where it is asked, and which variable names its key."""

_KEY_VARIABLES = {
    "azure_ai": "AZURE_AI_API_KEY",
    "cohere_chat": "COHERE_API_KEY",
    "dashscope": "DASHSCOPE_API_KEY",
    "fireworks_ai": "FIREWORKS_API_KEY",
    "github": "GITHUB_TOKEN",
    "huggingface": "HF_TOKEN",
    "text-completion-openai": "OPENAI_API_KEY",
    "together_ai": "TOGETHERAI_API_KEY",
    "watsonx": "WATSONX_APIKEY",
}

_WITHOUT_KEY = frozenset(
    {
        "sandbox",
        # servers on one's own machine
        "hosted_vllm",
        "llamafile",
        "lm_studio",
        "ollama",
        "ollama_chat",
        "vllm",
        # several variables, or a login of the cloud's own tools: litellm finds them in the environment
        "bedrock",
        "bedrock_converse",
        "sagemaker",
        "sagemaker_chat",
        "vertex_ai",
        "vertex_ai_beta",
    }
)


def provider_of(model: str) -> str:
    """Return `openai` of `openai/gpt-5`."""
    return model.partition("/")[0]


def key_variable(model: str) -> str:
    """Return the variable, and so the secret, that holds a model's key: GEMINI_API_KEY for `gemini/…`.

    Source: litellm's provider pages; a provider that is not listed names it <PROVIDER>_API_KEY.
    """
    provider = provider_of(model)
    known = _KEY_VARIABLES.get(provider)
    return known or provider.upper().replace("-", "_") + "_API_KEY"


def needs_key(model: str) -> bool:
    """Whether a model's provider refuses a call without the secret that `key_variable` names."""
    return provider_of(model) not in _WITHOUT_KEY
